const { parentPort } = require('node:worker_threads')

/** A thread of the pool with tasks that do what a task should never do. */
const tasks = {
  echo: (input) => input,
  fail: () => {
    throw new RangeError('a bug')
  },
  /** Holds its thread until the other side says so: on the event loop it would never end. */
  hold({ gate, value }) {
    Atomics.wait(new Int32Array(gate), 0, 0)
    return value
  },
  spin() {
    for (;;);
  },
  exit: () => process.exit(3),
  hoard() {
    for (const all = []; ; ) all.push(new Array(1e6).fill(all.length))
  },
}

parentPort.on('message', ({ task, input }) => {
  try {
    parentPort.postMessage({ value: tasks[task](input) })
  } catch (error) {
    parentPort.postMessage({ error })
  }
})
