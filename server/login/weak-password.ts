import type { ZxcvbnFactory } from '@zxcvbn-ts/core'
import type { PasswordFault, PasswordRules, Task, Work } from '../flow/ports'

/**
 * What nobody may choose for a password: what is on a list of common ones, or follows from who they are, whose house this is, a
 * keyboard, a date. NIST SP 800-63B-4, 3.1.1.2. By zxcvbn, which says how many guesses somebody needs who knows such lists.
 */

/**
 * zxcvbn's score 3. By the log-in a stranger makes a hundred guesses on the first day and 20 on each after; this is what is left to
 * them who have taken the hashes, at four guesses a second and core: the better part of a year.
 */
const LEAST_GUESSES = 1e8
/** What is behind it is taken to be as good: the time it takes grows with the square. */
const READ_LETTERS = 64

/** What people of a bank think of first; the first are guessed first. */
const HOUSE = [
  ...[
    'fapai',
    '发牌',
    'admin',
    'root',
    'administrator',
    'guanliyuan',
    '管理员',
    'operator',
    'yunying',
    '运营',
    'mima',
    '密码',
  ],
  ...['maker', 'checker', 'auditor', 'viewer', 'jingban', '经办', 'fuhe', '复核', 'shenji', 'bank', '银行', 'yinhang'],
  ...[
    'zhongguo',
    '中国',
    'china',
    'gongshang',
    'jianshe',
    'nongye',
    'jiaotong',
    'zhaoshang',
    'minsheng',
    'pufa',
    'xingye',
  ],
  ...[
    'guangda',
    'zhongxin',
    'pingan',
    'huaxia',
    'youzheng',
    'chuxu',
    'nongshang',
    'nongxin',
    'xinyongshe',
    'zhihang',
    '支行',
  ],
  ...[
    'icbc',
    'ccb',
    'abc',
    'boc',
    'bocom',
    'cmb',
    'spdb',
    'cib',
    'cmbc',
    'psbc',
    'citic',
    'woaini',
    '我爱你',
    'nihao',
    '你好',
  ],
  ...[
    'woshi',
    'laopo',
    'laogong',
    'baobei',
    'mama',
    'baba',
    'beijing',
    '北京',
    'shanghai',
    '上海',
    'gongzuo',
    'huanying',
    'welcome',
  ],
]

interface Question {
  password: string
  /** of the person and the house; the first are guessed first */
  words: string[]
}

export const passwordTask: Task<Question, PasswordFault | null> = {
  name: 'judge-password',
  run({ password, words }) {
    const text = password.normalize('NFKC').slice(0, READ_LETTERS)
    const { guesses, sequence } = judge().check(text, words)
    if (guesses < LEAST_GUESSES) return faultOf(sequence)
    // Each hyphen counts as much as a word: a name, a hyphen and a year would be strong.
    const bare = judge().check(text.replace(/[^\p{L}\p{N}]/gu, ''), words)
    return bare.guesses < LEAST_GUESSES && bare.sequence.some(isPersonal) ? 'personal' : null
  },
}

export function passwordRules(work: Work): PasswordRules {
  return { fault: (password, words, owner) => work.run(passwordTask, { password, words: [...words] }, { owner }) }
}

let made: ZxcvbnFactory | undefined

/** 24 MB of words: in the thread that needs them, from the first time on. */
function judge(): ZxcvbnFactory {
  if (made) return made
  const core = require('@zxcvbn-ts/core') as typeof import('@zxcvbn-ts/core')
  const common = require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common')
  const dictionary = { ...common.dictionary, house: HOUSE }
  made = new core.ZxcvbnFactory({ dictionary, graphs: common.adjacencyGraphs, maxLength: READ_LETTERS })
  return made
}

type Found = ReturnType<ZxcvbnFactory['check']>['sequence'][number]

const isPersonal = ({ dictionaryName }: Found) => ['house', 'userInputs'].includes(dictionaryName)

/** Of what it is mostly made. */
function faultOf(sequence: readonly Found[]): PasswordFault {
  const longest = [...sequence].sort((a, b) => b.token.length - a.token.length)[0]
  switch (longest?.pattern) {
    case 'dictionary':
      return isPersonal(longest) ? 'personal' : 'common'
    case 'spatial':
      return 'keyboard'
    case 'repeat':
      return 'repeat'
    case 'sequence':
      return 'sequence'
    case 'date':
    case 'regex':
      return 'date'
    default:
      return 'guessable'
  }
}
