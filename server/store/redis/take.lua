-- Purpose: lease a slot to a payer: the one the payer has (its lease begins anew, I8), else the lowest one whose lease
--          has ended, else the next untouched one. A handful of commands and no loop unless a lease may have ended.
-- KEYS[1]  the deck
-- KEYS[2]  what the payer holds (holding.lua); absent on a Cluster, where payer.lua asks it on its own node
-- ARGV[1]  the payer's tag, 8 bytes
-- ARGV[2]  how long the lease lasts, ms
-- ARGV[3]  how many slots of this deck one payer may use; '' for no limit
-- ARGV[4]  with KEYS[2]: the deck's tag, 8 bytes
-- ARGV[5]  with KEYS[2]: the campaign
-- ARGV[6]  with KEYS[2]: how many slots of the campaign one payer may use on the date; '' for no limit
-- ARGV[7]  with KEYS[2]: how many slots one payer may hold unpaid; '' for no limit
-- ARGV[8]  with KEYS[2]: how long one payer may hold this deck's unpaid, ms; '' for no limit
-- ARGV[9]  with KEYS[2]: the same of all decks of the date together
-- Returns  {slot, slots left free, lease in ms, slots leased} | {ALL_HELD (some are only leased), ms until the first lease
-- Returns  ends} | NO_DECK | LIMIT_REACHED | SOLD_OUT | what `hold` refuses with
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots, all_used, earliest = struct.unpack('>I2I2d', deck)
local touched = (#deck - HEADER_BYTES) / RECORD_BYTES
local tag, limit = ARGV[1], tonumber(ARGV[3])
local now = time_now()

-- the payer's records; a match that doesn't begin a record is a coincidence of bytes
local mine, mine_ends, used = nil, 0, 0
local at = string.find(deck, tag, HEADER_BYTES + 1, true)
while at do
  if (at - 1 - HEADER_BYTES) % RECORD_BYTES == 0 then
    local ends = struct.unpack('>d', deck, at + TAG_BYTES)
    if ends == USED then
      used = used + 1
    elseif not mine then
      mine, mine_ends = (at - 1 - HEADER_BYTES) / RECORD_BYTES, ends
    end
  end
  at = string.find(deck, tag, at + 1, true)
end
if limit and used >= limit then return LIMIT_REACHED end
if all_used == slots then return SOLD_OUT end

-- the lowest slot given back, how many there are, and when the first of the other leases ends
local slot, ended, bound = mine, 0, earliest
if now >= earliest or (not mine and touched == slots) then
  bound = USED
  for i = 0, touched - 1 do
    local ends = struct.unpack('>d', deck, HEADER_BYTES + i * RECORD_BYTES + TAG_BYTES + 1)
    if ends <= now then
      ended = ended + 1
      slot = slot or i
    end
    if i ~= slot and ends < bound then bound = ends end
  end
end
if not slot and touched < slots then slot = touched end
if not slot then
  if bound ~= earliest then redis.call('SETRANGE', KEYS[1], EARLIEST_AT, struct.pack('>d', bound)) end
  return { ALL_HELD, math.ceil(bound - now) }
end

local ttl = tonumber(ARGV[2])
if KEYS[2] then
  local place = ARGV[4] .. struct.pack('>I2', slot)
  ttl = hold(KEYS[2], place, ARGV[5], now, ttl, tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]),
    tonumber(ARGV[9]))
  if ttl < 0 then return ttl end
end
local ends = now + ttl
redis.call('SETRANGE', KEYS[1], HEADER_BYTES + slot * RECORD_BYTES, tag .. struct.pack('>d', ends))
if ends < bound then bound = ends end
if bound ~= earliest then redis.call('SETRANGE', KEYS[1], EARLIEST_AT, struct.pack('>d', bound)) end

local left = slots - touched + ended
if not mine or mine_ends <= now then left = left - 1 end
return { slot, left, math.floor(ttl), slots - all_used - left }
