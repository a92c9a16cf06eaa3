import type { Attack } from '../attack'
import { desk } from './desk'
import { floods } from './floods'
import { forged } from './forged'
import { fuzz } from './fuzz'
import { hoarders } from './hoarders'
import { logIns } from './log-ins'
import { pipelines } from './pipelines'
import { probes } from './probes'
import { slow } from './slow'
import { sockets } from './sockets'

/** Every attack there is, in the order in which they come. A new one is a file and a line. */
export const ATTACKS: readonly Attack[] = [
  ...floods,
  pipelines,
  slow,
  probes,
  fuzz,
  logIns,
  sockets,
  forged,
  desk,
  ...hoarders,
]
