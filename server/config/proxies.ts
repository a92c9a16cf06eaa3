import { z } from 'zod'
import { isIpv4, type Network, readNetwork } from '../domain/ip'

/** Whoever may say for whom they call could name anybody: no network so wide that strangers are in it. */
const WIDEST = { ipv4: 96 + 8, ipv6: 16 }

/** The proxies in front of us, whose word it is from which address a request came. */
export const proxyEnvironment = {
  TRUSTED_PROXIES: z.string().default('').transform(networksOf),
}

function networksOf(text: string, context: z.RefinementCtx): Network[] {
  const networks: Network[] = []
  for (const one of text.split(/[,\s]+/).filter((part) => part !== '')) {
    const network = readNetwork(one)
    if (network && network.bits >= (isIpv4(network.ip) ? WIDEST.ipv4 : WIDEST.ipv6)) networks.push(network)
    else {
      const message = `${JSON.stringify(one)} must be an address or a network of ours, as 10.0.0.0/8 or fd00::/16 at the widest`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
  }
  return networks
}
