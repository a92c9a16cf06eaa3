import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { TASKS } from './tasks'

/** What runs in each thread of the pool: a task by its name, one after the other. */

/** Where a thread has a priority of its own, payments go first also on a machine with few cores: on Linux, by its number. */
function letOthersFirst(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), workerData.nice)
  } catch {
    // elsewhere it has that of its process
  }
}
letOthersFirst()

const byName = new Map(TASKS.map((task) => [task.name, task]))

parentPort!.on('message', ({ task, input }: { task: string; input: unknown }) => {
  try {
    parentPort!.postMessage({ value: byName.get(task)!.run(input) })
  } catch (error) {
    parentPort!.postMessage({ error })
  }
})
