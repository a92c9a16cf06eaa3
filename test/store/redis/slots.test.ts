import { hasRedisServer, startTestCluster, startTestRedis, type TestRedis } from '../../../harness/redis'
import { redisSlots } from '../../../server/store/redis/slots'
import { fakeSlots } from '../../support/fake-slots'
import { slotsContract } from './slots-contract'

const on = (start: () => Promise<TestRedis>) => async () => {
  const { redis, stop } = await start()
  return { slots: redisSlots(redis), close: stop }
}

if (hasRedisServer()) {
  slotsContract(
    'redis-server',
    on(() => startTestRedis('redis-server')),
  )
  slotsContract('a Redis Cluster', on(startTestCluster))
}
slotsContract(
  'js-redis-server',
  on(() => startTestRedis('js')),
)
slotsContract('the fake', async () => ({ slots: fakeSlots(), close: async () => {} }))
