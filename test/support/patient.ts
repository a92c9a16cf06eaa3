import { configure } from '@testing-library/react'

// What is awaited comes true, however busy the machine is; what does not is a failure either way.
configure({ asyncUtilTimeout: 60_000 })

// testing-library looks for the file's fake timers here.
Object.assign(globalThis, { jest })
