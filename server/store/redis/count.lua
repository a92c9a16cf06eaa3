-- Purpose: count a deck's slots by their state, now.
-- KEYS[1]  the deck
-- ARGV     none
-- Returns  {free (leases ended included), leased, used} | NO_DECK
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots = struct.unpack('>I2', deck)
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

local leased, used = 0, 0
for at = HEADER_BYTES + AMOUNT_BYTES * slots + TAG_BYTES + 1, #deck, RECORD_BYTES do
  local ends = struct.unpack('>d', deck, at)
  if ends == USED then
    used = used + 1
  elseif ends > now then
    leased = leased + 1
  end
end
return { slots - leased - used, leased, used }
