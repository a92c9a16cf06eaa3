/** Exit code of whatever could not run: wrong options, a store that is away, a sandbox that isn't there. */
export const FAILED = 2

/** What each command of `fapai` is for, as `fapai --help` and `fapai <command> --help` say it. */

interface Help {
  /** one line */
  what: string
  /** as typed → what it does */
  options?: Record<string, string>
  /** exit codes beside 2, which is: it could not run */
  exits?: string
}

const COULD_NOT = '2 it could not run'

export const HELP = {
  start: { what: 'serves payers, merchants and operators until SIGTERM (docs/OPERATIONS.md)' },
  migrate: {
    what: 'brings the ledger’s schema up to date; a start does so as well where its role may',
    options: {
      '--grant ROLE': 'gives the role of BFFs and tools what they need, and no more',
      '--contract': 'ends an upgrade: no older version runs any more, and none comes back',
    },
    exits: '0 it is',
  },
  operator: {
    what: 'adds the first two administrators, and helps one who is locked out (docs/OPERATIONS.md#operators)',
    options: {
      '--username root --name 王工': 'adds one, and prints a one-time password',
      '--oidc-subject S': 'with them: one who logs in by single sign-on',
      '--username root --reset': 'gives an administrator a new one-time password',
      '--username root --drop-second-factor': 'takes away the second factor of one who lost it',
    },
    exits: '0 done',
  },
  deal: {
    what: 'deals the decks of a business date and puts them into Redis',
    options: { '--date D': 'YYYY-MM-DD; today’s unless told', '--no-load': 'deals only' },
    exits: '0 all are dealt, 1 merchants went short or wait',
  },
  reconcile: {
    what: 'holds a channel’s statement against the books (docs/RECONCILIATION.md)',
    options: {
      '--date D': 'YYYY-MM-DD; yesterday’s unless told',
      '--channel C': 'bank unless told',
      '--json': 'the report for programs',
      '--out DIR': 'also writes it there, as Markdown and CSV',
    },
    exits: '0 balanced, 1 differences are open',
  },
  audit: {
    what: 'recomputes the books and says where they don’t hold (docs/AUDIT.md)',
    options: {
      '--json': 'the report for programs',
      '--bank': 'fetches every reconciled statement again',
      '--seal': 'first chains what isn’t yet, and seals days that are over',
      '--seals FILE': 'holds the books’ chain against what was given out earlier',
      '--date D': 'that day alone, with all that belongs to its orders; or --from D --to D',
      '--archives DIR': 'also days that were archived, whose files are there',
    },
    exits: '0 nothing differs, 1 something does',
  },
  recount: {
    what: 'counts merchants’ days anew where the audit says they are wrong',
    options: { '--from D, --to D': 'YYYY-MM-DD', '--shares': 'also what came before each day' },
    exits: '0 done',
  },
  prune: {
    what: 'takes old news out of the outbox',
    options: {
      '--days N': 'what ended longer ago; 30 unless told',
      '--all': 'after a restore, while no BFF runs',
      '--pack': 'also packs requests and replies of days that are over, with keys, and takes old keys away',
      '--books': 'with --pack: and events and postings of days that are sealed, and lines of statements',
    },
    exits: '0 done, 1 rows were missing already',
  },
  archive: {
    what: 'writes the orders of days that are long over to files, and takes them out (docs/OPERATIONS.md#archiving)',
    options: {
      '--before D': 'YYYY-MM-DD, at least 31 days ago: days before it',
      '--to DIR': 'a folder that is there',
      '--passed-over REASON': 'also days that were never reconciled, where later ones are',
      '--by NAME': 'with it: the administrator whose word that is, in the log',
    },
    exits: '0 done, 1 a day stands in the way, or a month waits',
  },
  'verify-deck': {
    what: 'proves a past deck from what is published of it (docs/PROOF.md)',
    options: {
      '--campaign C --merchant M': 'which',
      '--date D': 'YYYY-MM-DD; yesterday’s unless told',
      '--url U': 'whose; http://127.0.0.1:8787 unless told',
      '--file deck.json': 'a deck in a file instead',
      '--secret secret.json': 'with it: the campaign’s secrets',
      '--receipt order.json': 'also that an order’s card is of it',
    },
    exits: '0 it holds, 1 it doesn’t',
  },
} satisfies Record<string, Help>

export type Tool = keyof typeof HELP

export function helpOf(tool: Tool): string {
  const { what, options = {}, exits }: Help = HELP[tool]
  const width = Math.max(0, ...Object.keys(options).map((one) => one.length))
  const lines = Object.entries(options).map(([typed, does]) => `  ${typed.padEnd(width)}  ${does}`)
  const codes = exits === undefined ? [] : [`Exit code: ${exits}, ${COULD_NOT}.`]
  return [`usage: fapai ${tool}${lines.length > 0 ? ' [options]' : ''}`, what, ...lines, ...codes].join('\n')
}

/** All of them. */
export function helpOfAll(): string {
  const width = Math.max(...Object.keys(HELP).map((name) => name.length))
  const lines = Object.entries(HELP).map(([name, { what }]) => `  ${name.padEnd(width)}  ${what}`)
  return ['usage: fapai <command> [options]; fapai <command> --help says which', ...lines].join('\n')
}
