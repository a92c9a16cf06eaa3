-- Purpose: lease a slot to a payer: the one the payer has (its lease begins anew, I8), else the lowest one whose lease
--          has ended, else the next untouched one. Two or three commands and no loop unless a lease may have ended.
-- KEYS[1]  the deck
-- ARGV[1]  the payer's tag, 8 bytes
-- ARGV[2]  how long the lease lasts, ms
-- ARGV[3]  how many slots of this deck one payer may use; '' for no limit
-- Returns  {slot, amount in fen, slots left free} | NO_DECK | LIMIT_REACHED | ALL_HELD (some are only leased) | SOLD_OUT
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots, earliest = struct.unpack('>I2d', deck)
local base = HEADER_BYTES + AMOUNT_BYTES * slots
local touched = (#deck - base) / RECORD_BYTES
local tag, limit = ARGV[1], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- the payer's records; a match that doesn't begin a record is a coincidence of bytes
local mine, mine_ends, used = nil, 0, 0
local at = string.find(deck, tag, base + 1, true)
while at do
  if (at - 1 - base) % RECORD_BYTES == 0 then
    local ends = struct.unpack('>d', deck, at + TAG_BYTES)
    if ends == USED then
      used = used + 1
    elseif not mine then
      mine, mine_ends = (at - 1 - base) / RECORD_BYTES, ends
    end
  end
  at = string.find(deck, tag, at + 1, true)
end
if limit and used >= limit then return LIMIT_REACHED end

-- the lowest slot given back, how many there are, and what `earliest` becomes when this slot is taken
local slot, ended, bound = mine, 0, earliest
if now >= earliest then
  bound = USED
  for i = 0, touched - 1 do
    local ends = struct.unpack('>d', deck, base + i * RECORD_BYTES + TAG_BYTES + 1)
    if ends <= now then
      ended = ended + 1
      slot = slot or i
    end
    if i ~= slot and ends < bound then bound = ends end
  end
end

if not slot and touched < slots then slot = touched end
if slot then
  local ends = now + ARGV[2]
  redis.call('SETRANGE', KEYS[1], base + slot * RECORD_BYTES, tag .. struct.pack('>d', ends))
  if ends < bound then bound = ends end
end
if bound ~= earliest then redis.call('SETRANGE', KEYS[1], EARLIEST_AT, struct.pack('>d', bound)) end
if not slot then
  -- `earliest` is put to USED only when no lease is left; below that it may be one that has been used since
  for i = 0, bound == USED and -1 or slots - 1 do
    if struct.unpack('>d', deck, base + i * RECORD_BYTES + TAG_BYTES + 1) ~= USED then return ALL_HELD end
  end
  return SOLD_OUT
end

local left = slots - touched + ended
if not mine or mine_ends <= now then left = left - 1 end
return { slot, struct.unpack('>I2', deck, HEADER_BYTES + slot * AMOUNT_BYTES + 1), left }
