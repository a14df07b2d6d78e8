/** What threads have of one another, and trims. */
export const INCLUDE: string = String.raw`
-- By segment and thread the ranges that paths lead through, of which each argument gives the end and its floor.
local function rangesOf(count)
  local ranges = {}
  for _ = 1, count do
    local thread, segment, position, floor = arg(), arg(), number(), number()
    for _, stretch in ipairs(stretches(thread, segment, position, 0)) do
      local low = math.max(1, floor - stretch.start + 1)
      local name = stretch.number .. ' ' .. stretch.thread
      local range = int(low) .. '-' .. int(stretch.position)
      ranges[name] = ranges[name] and ranges[name] .. ' ' .. range or range
    end
  end
  return ranges
end

-- Notes what a thread has of others.
local function include(thread, ranges)
  for name, range in pairs(ranges) do
    local segment, origin = name:match('^(%d+) (.*)$')
    if origin ~= thread then
      local last = 0
      for high in range:gmatch('%-(%d+)') do last = math.max(last, tonumber(high)) end
      call('HSET', key('f', thread), name, range)
      call('ZADD', key('n', segment .. ':' .. origin), int(last), thread)
    end
  end
end
`;

/** The thread keeps what its branches lead to, and what is queued. */
export const TRIM: string = String.raw`
-- Those that no branch leads to are left to the forks that have them.
local function release(thread, ranges)
  local messages = key('m', thread)
  local all, records = call('HGETALL', messages), {}
  for i = 1, #all, 2 do records[all[i]] = all[i + 1] end
  for i = 1, #all, 2 do
    local segment, position = placeOf(all[i + 1])
    if all[i]:sub(1, 1) == 'i' and segment then
      local mine = ranges[segment .. ' ' .. thread]
      if not (mine and covers(mine, position, records[all[i + 1]]:sub(1, 1))) then
        call('HDEL', messages, all[i])
        call('HSET', messages, 'r' .. all[i]:sub(2), all[i + 1])
      end
    end
  end
end

-- What is from before the log, by version.
local function indexKept(thread)
  local all = call('HGETALL', key('m', thread))
  for i = 1, #all, 2 do
    local letter = all[i]:sub(1, 1)
    if letter == 'p' or letter == 'q' then
      local message = split(all[i + 1])
      call('ZADD', key('kv', thread), message.version, message.id)
    end
  end
end

function write.trim(thread)
  local version, numbered, isBrought = number(), arg(), arg() == '1'
  local ranges = rangesOf(number())
  local origins = {}
  for _, name in ipairs(call('HKEYS', key('f', thread))) do origins[exclude(thread, name)] = true end
  include(thread, ranges)
  call('HSET', key('h', thread), 'tv', int(version), 'tc', numbered)
  if not isBrought then
    release(thread, ranges)
    sweep(thread, false, version)
  end
  indexKept(thread)
  sweepOrigins(origins)
end

function write.release(thread)
  local messages, id = key('m', thread), arg()
  local field = call('HGET', messages, 'i' .. id)
  call('HDEL', messages, 'i' .. id)
  call('HSET', messages, 'r' .. id, field)
end
`;

/** What a trimmed thread has of before its log, and what forks have of a purged one: messages, whether they are left to forks
 *  only, and where their segment goes on before them. */
export const LIST_KEPT: string = String.raw`
-- The last message that is there at or before a place in a segment.
local function lastAt(thread, segment, position)
  for last = position, 1, -500 do
    local fields = {}
    for at = last, math.max(1, last - 499), -1 do fields[#fields + 1] = 'p' .. segment .. '.' .. int(at) end
    for i, record in ipairs(call('HMGET', key('m', thread), unpack(fields))) do
      if record then return last - i + 1 end
    end
  end
end

-- What the first message that is there of a segment follows.
local function beforeIt(thread, segment, position)
  if lastAt(thread, segment, position - 1) then return '' end
  local _
  _, thread, segment, position = segmentOf(thread, segment)
  while thread do
    local last = lastAt(thread, segment, position)
    if last then return segment .. ' ' .. int(last) .. ' ' .. thread end
    _, thread, segment, position = segmentOf(thread, segment)
  end
  return ''
end

-- Of a purged thread all that is left is for forks.
local function leftOf(thread, after, limit)
  local all, left = call('HGETALL', key('m', thread)), {}
  for i = 1, #all, 2 do
    if all[i]:sub(1, 1) == 'p' then
      local message = split(all[i + 1])
      if tonumber(message.version) > tonumber(after) then left[#left + 1] = message end
    end
  end
  table.sort(left, function(a, b) return tonumber(a.version) < tonumber(b.version) end)
  local rows = {}
  for i = 1, math.min(limit, #left) do
    rows[#rows + 1], rows[#rows + 2] = left[i].id, left[i].version
  end
  return rows
end

local thread, after, limit = arg(), arg(), number()
local answer = {}
local version, isPurged = headOf(thread)
if not version then return answer end
local oldest = call('HGET', key('h', thread), 'tv') or '0'
local rows = isPurged and leftOf(thread, after, limit)
  or call('ZRANGEBYSCORE', key('kv', thread), '(' .. after, '(' .. oldest, 'WITHSCORES', 'LIMIT', 0, limit)
for i = 1, #rows, 2 do
  local id, version = rows[i], rows[i + 1]
  local field, record = anyRecordOf(thread, id)
  local segment, position = placeOf(field)
  local isReleased = isPurged and 1 or call('HEXISTS', key('m', thread), 'r' .. id)
  answer[#answer + 1] = {
    raw(thread, record),
    version,
    isReleased,
    segment and beforeIt(thread, segment, position) or '',
  }
end
return answer
`;
