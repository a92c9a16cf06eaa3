import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the repository; `path` is relative to its root, with slashes. */
export interface Source {
  path: string
  text: string
}

/** What no commit holds (.gitignore), or nobody wrote. The tree is walked, so the rules hold without git as well. */
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.data', '.git', '.temp', '.swc', 'coverage', 'pictures'])
const TEXT = /\.(ts|tsx|js|cjs|mjs|json|lua|md|scss|css|html|sh|yml|yaml|sql|svg)$|(^|\/)(\.[a-z]+rc|\.gitignore|run)$/

/** Every text file below `root`. */
export function readSources(root: string, folder = ''): Source[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : readSources(root, path)
    return entry.isFile() && TEXT.test(path) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : []
  })
}

/** Line number, from 1, of a position in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

interface Reading {
  out: string[]
  at: number
}

/**
 * TypeScript with its comments — and, if asked, what its strings, templates and regular expressions hold — turned into
 * spaces, so that what is left is code at its old place. A reader of a hundred lines, not a compiler: JSX text is read as code.
 */
export function blank(text: string, strings: 'keep-strings' | 'blank-strings'): string {
  const reading: Reading = { out: text.split(''), at: 0 }
  readCode(text, reading, strings === 'blank-strings', undefined)
  return reading.out.join('')
}

function readCode(text: string, reading: Reading, strings: boolean, until: '}' | undefined): void {
  let depth = 0
  while (reading.at < text.length) {
    const char = text[reading.at]!
    const two = text.slice(reading.at, reading.at + 2)
    if (two === '//') erase(reading, text, endOf(text, reading.at, '\n'))
    else if (two === '/*') erase(reading, text, endOf(text, reading.at + 2, '*/') + 2)
    else if (char === "'" || char === '"') readQuoted(text, reading, strings, char)
    else if (char === '`') readTemplate(text, reading, strings)
    else if (char === '/' && startsRegex(text.slice(Math.max(0, reading.at - 20), reading.at)))
      readQuoted(text, reading, strings, '/')
    else {
      if (char === '{') depth++
      if (char === '}' && depth-- === 0 && until) return
      reading.at++
    }
  }
}

/** A string or a regular expression; neither crosses the end of its line. */
function readQuoted(text: string, reading: Reading, strings: boolean, quote: string): void {
  let end = reading.at + 1
  let inClass = false
  while (end < text.length && text[end] !== '\n' && (text[end] !== quote || inClass)) {
    if (quote === '/' && text[end] === '[') inClass = true
    if (quote === '/' && text[end] === ']') inClass = false
    end += text[end] === '\\' ? 2 : 1
  }
  reading.at++
  if (strings) erase(reading, text, end)
  reading.at = end + 1
}

function readTemplate(text: string, reading: Reading, strings: boolean): void {
  reading.at++
  while (reading.at < text.length && text[reading.at] !== '`') {
    if (text.startsWith('${', reading.at)) {
      reading.at += 2
      readCode(text, reading, strings, '}')
      reading.at++
    } else {
      const end = reading.at + (text[reading.at] === '\\' ? 2 : 1)
      if (strings) erase(reading, text, end)
      reading.at = end
    }
  }
  reading.at++
}

/** A slash begins a regular expression where an expression may begin; elsewhere it divides or closes a tag. */
function startsRegex(before: string): boolean {
  return /(^|[(,=:[!&|?{;+]|=>|\breturn|\btypeof)\s*$/.test(before)
}

function endOf(text: string, from: number, mark: string): number {
  const found = text.indexOf(mark, from)
  return found < 0 ? text.length : found
}

function erase(reading: Reading, text: string, end: number): void {
  for (; reading.at < Math.min(end, text.length); reading.at++)
    if (text[reading.at] !== '\n') reading.out[reading.at] = ' '
}
