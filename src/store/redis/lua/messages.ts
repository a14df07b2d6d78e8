/** Messages by id and by place. A record is "role hasText isRedacted version versions id": the version at which it took its
 *  place, and those of all entries that made it, under which its words are in the log of the thread that wrote it. */
export const MESSAGES: string = String.raw`
local function split(record)
  local role, text, red, version, versions, id =
    record:match('^(%a) (%d) (%d) (%d+) (%S+) (.*)$')
  return { role = role, text = text, red = red, version = version, versions = versions, id = id }
end

local function join(message)
  return message.role .. ' ' .. message.text .. ' ' .. message.red .. ' ' .. message.version
    .. ' ' .. message.versions .. ' ' .. message.id
end

-- Segment and position of a record's field; nil for a queued message.
local function placeOf(field)
  local segment, position = field:match('^p(%d+)%.(%d+)$')
  if segment then return segment, tonumber(position) end
end

-- Of a message that a thread wrote and was not trimmed of.
local function recordOf(thread, id)
  local messages = key('m', thread)
  local field = call('HGET', messages, 'i' .. id)
  if field then return field, call('HGET', messages, field) end
end

-- Also of one that only forks still have.
local function anyRecordOf(thread, id)
  local messages = key('m', thread)
  local field = call('HGET', messages, 'i' .. id) or call('HGET', messages, 'r' .. id)
  if field then return field, call('HGET', messages, field) end
end

local function isInstruction(role)
  return role == 's' or role == 'd'
end

-- Whether ranges of a segment have a message: they have what is in one of them, and instructions up to its end.
local function covers(ranges, position, role)
  for low, high in ranges:gmatch('(%d+)%-(%d+)') do
    if position <= tonumber(high) and (position >= tonumber(low) or isInstruction(role)) then
      return true
    end
  end
  return false
end

-- Whether a fork includes a message of another thread.
local function includes(fork, thread, segment, position, role)
  local ranges = call('HGET', key('f', fork), segment .. ' ' .. thread)
  return ranges and covers(ranges, position, role)
end

local function forksWith(thread, segment, position, role)
  local forks = {}
  local found = call('ZRANGEBYSCORE', key('n', segment .. ':' .. thread), position, '+inf')
  for _, fork in ipairs(found) do
    if includes(fork, thread, segment, position, role) then forks[#forks + 1] = fork end
  end
  return forks
end

-- The thread that wrote a message which the given one wrote or includes, the field of its record, and the record.
local function find(thread, id)
  local field, record = recordOf(thread, id)
  if record then return thread, field, record end
  local included = call('HGETALL', key('f', thread))
  for i = 1, #included, 2 do
    local segment, origin = included[i]:match('^(%d+) (.*)$')
    field, record = anyRecordOf(origin, id)
    if record then
      local number, position = placeOf(field)
      if number == segment and covers(included[i + 1], position, record:sub(1, 1)) then
        return origin, field, record
      end
    end
  end
end

local function isRedacted(thread, id)
  local _, _, record = find(thread, id)
  return record ~= nil and split(record).red == '1'
end

-- Its thread, its record, and for each of its versions the entry and the words.
local function raw(home, record)
  local answer = { home, record }
  local fields = {}
  for version in split(record).versions:gmatch('[^,]+') do
    fields[#fields + 1] = version
    fields[#fields + 1] = version .. 'a'
  end
  for first = 1, #fields, 1000 do
    local last = math.min(first + 999, #fields)
    local values = call('HMGET', key('l', home), unpack(fields, first, last))
    for i = 1, last - first + 1 do answer[#answer + 1] = values[i] end
  end
  return answer
end
`;

/** Paths as stretches of segments. */
export const WALK: string = String.raw`
-- Where a segment starts, and what it continues.
local function segmentOf(thread, number)
  local segment = call('HGET', key('g', thread), number)
  if not segment then return 0 end
  local start, parentNumber, parentPosition, parent = segment:match('^(%d+) (%d+) (%d+) (.*)$')
  return tonumber(start), parent, parentNumber, tonumber(parentPosition)
end

-- The stretches of the path that ends at a position, from its end back to the one that has minDepth.
local function stretches(thread, number, position, minDepth)
  local found = {}
  while position > 0 do
    local start, parent, parentNumber, parentPosition = segmentOf(thread, number)
    found[#found + 1] = { thread = thread, number = number, position = position, start = start }
    if not parent or start <= minDepth then break end
    thread, number, position = parent, parentNumber, parentPosition
  end
  return found
end
`;
