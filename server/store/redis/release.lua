-- Purpose: give a slot back, kept for its payer for a while and then free for anybody, at the front of the deck.
-- KEYS[1]  the deck
-- ARGV[1]  the slot
-- ARGV[2]  the payer's tag, 8 bytes
-- ARGV[3]  how long it is kept for the payer, ms
-- Returns  DONE | NOT_HELD | NO_DECK | BAD_SLOT
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots, earliest = struct.unpack('>I2d', deck)
local slot, tag = tonumber(ARGV[1]), ARGV[2]
if slot < 0 or slot >= slots then return BAD_SLOT end
local at = HEADER_BYTES + AMOUNT_BYTES * slots + slot * RECORD_BYTES
if at >= #deck then return NOT_HELD end -- untouched

local holder = struct.unpack('>c8', deck, at + 1)
if holder ~= tag then return NOT_HELD end

local time = redis.call('TIME')
local ends = time[1] * 1000 + time[2] / 1000 + ARGV[3]
redis.call('SETRANGE', KEYS[1], at, tag .. struct.pack('>d', ends))
if ends < earliest then redis.call('SETRANGE', KEYS[1], EARLIEST_AT, struct.pack('>d', ends)) end
return DONE
