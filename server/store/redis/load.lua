-- Purpose: load a dealt deck with the slots that orders hold already, unless one is loaded. Slots before the last used
--          one are free ones at the front, those after it are untouched.
-- KEYS[1]  the deck
-- ARGV[1]  when the deck is forgotten, ms since the epoch
-- ARGV[2]  number of slots
-- ARGV[3…] each used slot in any order: slot, payer's tag
-- Returns  DONE | ALREADY_LOADED | BAD_SLOT
local slots = tonumber(ARGV[2])
local used, touched, all_used = {}, 0, 0
for i = 3, #ARGV, 2 do
  local slot = tonumber(ARGV[i])
  if slot < 0 or slot >= slots then return BAD_SLOT end
  if not used[slot] then all_used = all_used + 1 end
  used[slot] = ARGV[i + 1]
  touched = math.max(touched, slot + 1)
end

local parts, earliest = {}, USED
for slot = 0, touched - 1 do
  if not used[slot] then earliest = 0 end
  parts[#parts + 1] = (used[slot] or NOBODY) .. struct.pack('>d', used[slot] and USED or 0)
end
local deck = struct.pack('>I2I2d', slots, all_used, earliest) .. table.concat(parts)
return redis.call('SET', KEYS[1], deck, 'NX', 'PXAT', ARGV[1]) and DONE or ALREADY_LOADED
