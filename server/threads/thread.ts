import { parentPort } from 'node:worker_threads'
import { TASKS } from './tasks'

/** What runs in each thread of the pool: a task by its name, one after the other. */

const byName = new Map(TASKS.map((task) => [task.name, task]))

parentPort!.on('message', ({ task, input }: { task: string; input: unknown }) => {
  try {
    parentPort!.postMessage({ value: byName.get(task)!.run(input) })
  } catch (error) {
    parentPort!.postMessage({ error })
  }
})
