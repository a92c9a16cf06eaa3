import { blank, lineAt } from './tidy-source'

export interface Measured {
  name: string
  line: number
  lines: number
}

/** Where a function may begin: a declaration or method up to its bracket, or an arrow with a body. */
const FUNCTION =
  /\bfunction\b\s*\*?\s*([\w$]*)[^(]*\(|^[ \t]+(?:(?:async|static|private|protected|public|get|set|override)\s+)*\*?([\w$#]+)\s*(?:<[^>()]*>)?\(|=>\s*\{/gm
const NOT_A_METHOD = /^(if|for|while|switch|catch|with|return|await|function|new|super|throw|yield|typeof|else|do)$/

/** Every function of a TypeScript text with a body in braces, and how many lines it takes from its head to its last brace. */
export function functionsOf(text: string): Measured[] {
  const code = blank(text, 'blank-strings')
  return [...code.matchAll(FUNCTION)].flatMap((match) => {
    const arrow = match[0].startsWith('=>')
    const name = arrow ? arrowName(code, match.index) : match[1] || match[2] || 'function'
    if (!arrow && match[2] && NOT_A_METHOD.test(match[2])) return []
    const last = match.index + match[0].length - 1
    const open = arrow ? last : bodyAfter(code, last)
    if (open === undefined) return []
    // A method's match begins with the indentation of its line, so the head is where its last bracket opens.
    const line = lineAt(code, arrow ? open : last)
    return [{ name, line, lines: lineAt(code, closing(code, open)) - line + 1 }]
  })
}

/** The body's brace of a declaration whose parameters open at `bracket`; undefined for a call, a type or an overload. */
function bodyAfter(code: string, bracket: number): number | undefined {
  let at = closing(code, bracket) + 1
  const typed = /^\s*:\s*/.exec(code.slice(at))
  if (!typed) return /^\s*\{/.test(code.slice(at)) ? code.indexOf('{', at) : undefined
  at += typed[0].length
  // The return type: brackets of any kind are passed over; the first brace after a finished type is the body.
  for (let finished = false; at < code.length; at++) {
    const char = code[at]!
    if (char === '{' && finished) return at
    if (char === '\n' && finished && /^\s*[^\s{|&]/.test(code.slice(at))) return undefined
    if (char === ';' || char === ')' || char === ',') return undefined
    if ('({['.includes(char)) at = closing(code, at)
    if (char === '<') at = closingAngle(code, at)
    if (/[|&]/.test(char)) finished = false
    else if (/\S/.test(char)) finished = !/\b(is|asserts|keyof|typeof|readonly)$/.test(code.slice(0, at + 1))
  }
  return undefined
}

const PAIRS: Record<string, string> = { '(': ')', '{': '}', '[': ']' }

/** The position of the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  const [from, to] = [code[open]!, PAIRS[code[open]!]!]
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === from) depth++
    if (code[at] === to && --depth === 0) return at
  }
  return code.length
}

function closingAngle(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === '<') depth++
    if (code[at] === '>' && code[at - 1] !== '=' && --depth === 0) return at
  }
  return code.length
}

/** `const deal = (…) => {` is named deal; any other arrow is told by its place alone. */
function arrowName(code: string, at: number): string {
  const head = code.slice(code.lastIndexOf('\n', at) + 1, at)
  return /(?:const|let)\s+([\w$]+)/.exec(head)?.[1] ?? /([\w$]+)\s*[:=]\s*(?:async\s*)?\(/.exec(head)?.[1] ?? 'arrow'
}
