-- Purpose: give a slot back, kept for its payer for a while and then free for anybody, at the front of the deck.
-- KEYS[1]  the deck
-- KEYS[2]  what the payer holds (holding.lua); absent on a Cluster, where payer.lua is told on its own node
-- ARGV[1]  the slot
-- ARGV[2]  the payer's tag, 8 bytes
-- ARGV[3]  how long it is kept for the payer, ms
-- ARGV[4]  with KEYS[2]: the deck's tag, 8 bytes
-- ARGV[5]  with KEYS[2]: the campaign
-- Returns  DONE | NOT_HELD | NO_DECK | BAD_SLOT
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots, all_used, earliest = struct.unpack('>I2I2d', deck)
local slot, tag, keep = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
if slot < 0 or slot >= slots then return BAD_SLOT end
local at = HEADER_BYTES + slot * RECORD_BYTES
if at >= #deck then return NOT_HELD end -- untouched

local holder, until_now = struct.unpack('>c8d', deck, at + 1)
if holder ~= tag then return NOT_HELD end

local now = time_now()
local ends = now + keep
if until_now == USED then redis.call('SETRANGE', KEYS[1], USED_AT, struct.pack('>I2', all_used - 1)) end
redis.call('SETRANGE', KEYS[1], at, tag .. struct.pack('>d', ends))
if ends < earliest then redis.call('SETRANGE', KEYS[1], EARLIEST_AT, struct.pack('>d', ends)) end
if KEYS[2] then hold_returned(KEYS[2], ARGV[4] .. struct.pack('>I2', slot), ARGV[5], now, keep) end
return DONE
