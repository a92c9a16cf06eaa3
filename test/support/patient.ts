import { configure } from '@testing-library/react'

// What is awaited comes true, however busy the machine is; what does not is a failure either way.
configure({ asyncUtilTimeout: 60_000 })
