/** What every script starts with. `KEYS[1]` is the beginning of all keys that it may touch: they share one hash tag. */
export const BASE: string = String.raw`
local P = KEYS[1]
local call = redis.call
local at = 0

local function arg()
  at = at + 1
  return ARGV[at]
end

local function number()
  return tonumber(arg())
end

local function key(kind, id)
  return P .. kind .. ':' .. id
end

local function int(value)
  return string.format('%.0f', value)
end

-- Two names in one, so that no other two give the same.
local function pair(a, b)
  return #a .. ':' .. a .. b
end

local function halves(name)
  local length, rest = name:match('^(%d+):(.*)$')
  return rest:sub(1, length), rest:sub(length + 1)
end

local clock
local function now()
  if not clock then
    local time = call('TIME')
    clock = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  end
  return clock
end

-- The version of a thread and whether it was purged. Nil when there is none; then also whether its time is over.
local function headOf(thread)
  local head = call('HMGET', key('h', thread), 'v', 'x', 'z')
  if not head[1] then return nil, false end
  if head[2] and tonumber(head[2]) <= now() then return nil, true end
  return tonumber(head[1]), head[3] == '1'
end

-- An empty user sees every thread, any other has a u before the name.
local function canSee(thread, user)
  local version, isPurged = headOf(thread)
  if not version or isPurged then return false end
  return user == '' or call('SISMEMBER', key('u', thread), user) == 1
end
`;
