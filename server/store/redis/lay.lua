-- Purpose: load dealt decks that no order holds a slot of, each unless one is loaded: a whole chunk of a day in one call.
-- KEYS…    the decks
-- ARGV[1]  when they are forgotten, ms since the epoch
-- ARGV[2…] number of slots of each, in the order of the decks
-- Returns  how many it loaded
local loaded = 0
for i, key in ipairs(KEYS) do
  local deck = struct.pack('>I2I2d', tonumber(ARGV[i + 1]), 0, USED)
  if redis.call('SET', key, deck, 'NX', 'PXAT', ARGV[1]) then loaded = loaded + 1 end
end
return loaded
