/** One word for one story, the same in `flow`, `store/sql`, `http` and `test` (docs/ARCHITECTURE.md). */
export const STORIES = [
  'payment',
  'deck',
  'refund',
  'campaign',
  'merchant',
  'payer',
  'agreement',
  'operator',
  'change',
  'reconcile',
  'report',
  'suspicion',
  'archive',
  'audit',
  'archive',
  'notification',
] as const

interface Room {
  words: readonly string[]
  /** what a folder with another word isn't */
  is: 'story' | 'reader'
  /** files that may stand in no folder */
  loose: RegExp
  /** every word has its folder */
  whole?: boolean
}

const ANY_FILE = /./
const NO_FILE = /(?!)/

const ROOMS: Record<string, Room> = {
  'server/flow': { words: [...STORIES, 'ports'], is: 'story', loose: NO_FILE, whole: true },
  'server/store/sql': { words: [...STORIES, 'deed', 'desk', 'migrations'], is: 'story', loose: ANY_FILE, whole: true },
  'server/http/routes': {
    words: ['payer', 'merchant', 'desk', 'channel'],
    is: 'reader',
    loose: /^health\.ts$/,
  },
  'test/flow': { words: STORIES, is: 'story', loose: NO_FILE },
  'test/store/sql': { words: [...STORIES, 'deed', 'desk'], is: 'story', loose: ANY_FILE },
  'test/http': { words: STORIES, is: 'story', loose: ANY_FILE },
}

/** What among the paths tells a story in a word of its own, or leaves one out where all are told. */
export function strangers(paths: readonly string[]): string[] {
  return Object.entries(ROOMS).flatMap(([room, { words, is, loose, whole }]) => {
    const inside = paths.filter((path) => path.startsWith(`${room}/`)).map((path) => path.slice(room.length + 1))
    const folders = new Set(inside.filter((path) => path.includes('/')).map((path) => path.split('/')[0]!))
    const lost = is === 'story' ? 'stands in no story' : 'is for no reader'
    return [
      ...[...folders].filter((name) => !words.includes(name)).map((name) => `${room}/${name} is no ${is}`),
      ...inside.filter((path) => !path.includes('/') && !loose.test(path)).map((path) => `${room}/${path} ${lost}`),
      ...STORIES.filter((story) => whole && !folders.has(story)).map((story) => `${room}/${story} is missing`),
    ]
  })
}
