-- Purpose: count a deck's slots by their state, now.
-- KEYS[1]  the deck
-- ARGV     none
-- Returns  {free (leases ended included), leased, used, ms until the first lease ends (0 when nothing is leased)} | NO_DECK
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots, used = struct.unpack('>I2I2', deck)
local now = time_now()

local leased, first = 0, USED
for at = HEADER_BYTES + TAG_BYTES + 1, #deck, RECORD_BYTES do
  local ends = struct.unpack('>d', deck, at)
  if ends ~= USED and ends > now then
    leased = leased + 1
    first = math.min(first, ends)
  end
end
return { slots - leased - used, leased, used, leased > 0 and math.ceil(first - now) or 0 }
