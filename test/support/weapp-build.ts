import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const ROOT = path.resolve(__dirname, '../..')

/**
 * Builds the mini-program into a folder of its own, for the sandbox unless told otherwise: a package in dist/ may be old or another,
 * and a test run never replaces the one that a person has open in WeChat's tools.
 */
export async function buildWeapp(own: NodeJS.ProcessEnv = {}): Promise<string> {
  mkdirSync(path.join(ROOT, '.temp'), { recursive: true })
  const folder = mkdtempSync(path.join(ROOT, '.temp', 'weapp-'))
  const { FAPAI_API_ORIGIN: _, FAPAI_APPID: __, ...around } = process.env
  const env = { ...around, NODE_ENV: 'production', FAPAI_OUTPUT_ROOT: path.relative(ROOT, folder), ...own }
  const taro = path.join(ROOT, 'node_modules/@tarojs/cli/bin/taro')
  await promisify(execFile)(process.execPath, [taro, 'build', '--type', 'weapp'], { cwd: ROOT, env })
  return folder
}

/** Files below a folder that hold text, by their path in it. */
export function textFiles(folder: string): { name: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|json|ts|tsx|wxml|wxss|scss|wxs)$/.test(name))
    .map((name) => ({ name, text: readFileSync(path.join(folder, name), 'utf8') }))
}
