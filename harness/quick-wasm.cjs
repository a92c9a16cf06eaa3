// Tests live for seconds: what V8 spends on optimising PGlite in the background, a third to a half of it all, never comes back.
require('node:v8').setFlagsFromString('--liftoff-only')
