import { forecastTask } from '../flow/campaign/forecast'
import type { Task } from '../flow/ports'
import { codesTask, countsTask, merchantsTask } from '../http/csv-tasks'
import { sheetTask } from '../http/sheet-task'
import { scryptTask } from '../login/scrypt'
import { passwordTask } from '../login/weak-password'

/** Everything that is done in a thread of its own. */
// biome-ignore lint/suspicious/noExplicitAny: the erased form; callers have the particular one
export const TASKS: readonly Task<any, unknown>[] = [
  merchantsTask,
  codesTask,
  countsTask,
  sheetTask,
  forecastTask,
  passwordTask,
  scryptTask,
]
