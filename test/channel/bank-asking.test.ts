import { askingContract } from './asking-contract'
import { fakeAsking, realAsking } from './asking-subjects'
import { signingContract } from './signing-contract'

const REAL = 'the bank channel with the sandbox bank'
signingContract(REAL, realAsking)
askingContract(REAL, realAsking)

const FAKE = 'the fake channel'
signingContract(FAKE, fakeAsking)
askingContract(FAKE, fakeAsking)
