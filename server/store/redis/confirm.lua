-- Purpose: mark a slot used by a payer, whoever leases it and even if it was never leased since the deck was loaded:
--          the ledger has given it to an order. Slots passed over on the way to it become free ones at the front.
-- KEYS[1]  the deck
-- KEYS[2]  what the payer holds (holding.lua); absent on a Cluster, where payer.lua is told on its own node
-- ARGV[1]  the slot
-- ARGV[2]  the payer's tag, 8 bytes
-- ARGV[3]  with KEYS[2]: the deck's tag, 8 bytes
-- ARGV[4]  with KEYS[2]: the campaign
-- ARGV[5]  with KEYS[2]: for how long it counts as held unpaid at the most, ms
-- Returns  DONE | NO_DECK | BAD_SLOT
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots, all_used = struct.unpack('>I2I2', deck)
local touched = (#deck - HEADER_BYTES) / RECORD_BYTES
local slot = tonumber(ARGV[1])
if slot < 0 or slot >= slots then return BAD_SLOT end

local at = HEADER_BYTES + slot * RECORD_BYTES
if slot >= touched or struct.unpack('>d', deck, at + TAG_BYTES + 1) ~= USED then
  redis.call('SETRANGE', KEYS[1], USED_AT, struct.pack('>I2', all_used + 1))
end
local first, written = slot, ARGV[2] .. struct.pack('>d', USED)
if slot > touched then
  first, written = touched, string.rep(NOBODY .. struct.pack('>d', 0), slot - touched) .. written
  redis.call('SETRANGE', KEYS[1], EARLIEST_AT, struct.pack('>d', 0))
end
redis.call('SETRANGE', KEYS[1], HEADER_BYTES + first * RECORD_BYTES, written)
if KEYS[2] then hold_used(KEYS[2], ARGV[3] .. struct.pack('>I2', slot), ARGV[4], time_now(), tonumber(ARGV[5])) end
return DONE
