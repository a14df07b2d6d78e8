/** Heads by id, for whoever may see them; "w" for writing, which is everybody's and has purged ones too. */
export const HEADS: string = String.raw`
local user, known = arg(), arg()
local answer = {}
for i = 1, number() do
  local thread = arg()
  local isVisible
  if user == 'w' then isVisible = headOf(thread) ~= nil else isVisible = canSee(thread, user) end
  answer[i] = false
  if isVisible then
    local head = key('h', thread)
    if known ~= '' then
      local now = call('HMGET', head, 'v', 'li', 'lt')
      local isErased = now[2] and now[2] ~= '' and now[3] == '""'
      answer[i] = now[1] == known and not isErased and 'unchanged'
    end
    answer[i] = answer[i] or call('HGETALL', head)
  end
end
return answer
`;

/** Living heads by id, then those of forks by origin, by age; for whoever may see them. */
export const RELATIVES: string = String.raw`
local user, limit = arg(), number()
local answer, isThere = {}, {}
local function isLiving(thread)
  return canSee(thread, user) and tonumber(call('HGET', key('h', thread), 'ls')) < 2
end
local function add(thread)
  if isThere[thread] then return end
  isThere[thread] = true
  answer[#answer + 1] = call('HGETALL', key('h', thread))
end

for _ = 1, number() do
  local thread = arg()
  if isLiving(thread) then add(thread) end
end
local forks = {}
for _ = 1, number() do
  local rows, found = call('ZRANGE', key('fo', arg()), 0, -1, 'WITHSCORES'), 0
  for i = 1, #rows, 2 do
    if found == limit then break end
    if isLiving(rows[i]) then
      found = found + 1
      forks[#forks + 1] = { thread = rows[i], age = tonumber(rows[i + 1]) }
    end
  end
end
table.sort(forks, function(a, b) return a.age < b.age end)
for i = 1, math.min(limit, #forks) do add(forks[i].thread) end
return answer
`;

/** A stretch of a list: candidates, for the caller to filter. Answers "end" or "more", the score and id of the row looked
 *  at last, and heads. */
export const LIST: string = String.raw`
local list, first, last = key('ls', arg()), arg(), arg()
local afterScore, afterId = arg(), arg()
local skip, count = number(), number()

local start = call('ZCOUNT', list, '-inf', '(' .. first)
if afterScore ~= '' and call('ZSCORE', list, afterId) == afterScore then
  start = math.max(start, call('ZRANK', list, afterId) + 1)
elseif afterScore ~= '' then
  start = call('ZCOUNT', list, '-inf', '(' .. afterScore)
  while true do
    local tied = call('ZRANGE', list, start, start + 99, 'WITHSCORES')
    local isBehind = #tied == 0
    for i = 1, #tied, 2 do
      isBehind = tied[i + 1] ~= afterScore or tied[i] > afterId
      if isBehind then break end
      start = start + 1
    end
    if isBehind then break end
  end
end
start = start + skip
local rows = call('ZRANGE', list, start, start + count - 1, 'WITHSCORES')
local answer = { #rows < 2 * count and 'end' or 'more', '', '' }
for i = 1, #rows, 2 do
  if tonumber(rows[i + 1]) > tonumber(last) then
    answer[1] = 'end'
    break
  end
  answer[2], answer[3] = rows[i + 1], rows[i]
  if headOf(rows[i]) then answer[#answer + 1] = call('HGETALL', key('h', rows[i])) end
end
return answer
`;

/** A stretch of the feed. Answers the newest position, the position looked at last ("" at the end), and events. */
export const FEED: string = String.raw`
local MOST_LOOKED_AT = 500

local user, after, limit = arg(), number(), number()
local newest = call('GET', P .. 'seq') or '0'
if after > tonumber(newest) then return { newest } end
local rows = call('ZRANGEBYSCORE', P .. 'feed', '(' .. int(after), '+inf', 'WITHSCORES',
  'LIMIT', 0, MOST_LOOKED_AT)
local answer = { newest, '' }
for i = 1, #rows, 2 do
  if #answer - 2 == limit then
    answer[2] = rows[i - 1]
    return answer
  end
  local type, version, thread = rows[i]:match('^(%a)(%d*) (.*)$')
  if canSee(thread, user) then
    local head = key('h', thread)
    if type == 'u' then version = call('HGET', head, 'fu') end
    answer[#answer + 1] = { rows[i + 1], type, version, call('HGETALL', head) }
  end
end
if #rows == 2 * MOST_LOOKED_AT then answer[2] = rows[#rows] end
return answer
`;

/** Messages by id. */
export const LOAD_MESSAGES: string = String.raw`
local thread = arg()
local version, isPurged = headOf(thread)
local answer = {}
for i = 1, number() do
  local id = arg()
  local home, _, record
  if version and not isPurged then home, _, record = find(thread, id) end
  answer[i] = record and raw(home, record) or false
end
return answer
`;

/** A page of the log. */
export const ENTRIES: string = String.raw`
local MOST_BYTES = 4194304

local thread, after, limit, maxBytes, taken = arg(), number(), number(), number(), number()
local version, isPurged = headOf(thread)
local answer, bytes = { 'end', '0' }, 0
if not version then return answer end
if isPurged then
  local last = call('HMGET', key('h', thread), 'pv', 'pe')
  if last[1] and tonumber(last[1]) > after then
    return { 'end', '0', { last[1], last[2], false, false } }
  end
  return answer
end
local log = key('l', thread)
local oldest = tonumber(call('HGET', key('h', thread), 'tv') or 1)
if after > 0 and after < oldest - 1 then return { 'trimmed', int(oldest) } end
local first = math.max(after + 1, oldest)
for entry = first, math.min(version, first + limit - 1) do
  local field = int(entry)
  local size = call('HSTRLEN', log, field) + call('HSTRLEN', log, field .. 'a')
    + call('HSTRLEN', log, field .. 'b')
  if maxBytes >= 0 and (taken == 1 or #answer > 2) and bytes + size > maxBytes then break end
  bytes = bytes + size
  answer[#answer + 1] = call('HMGET', log, field, field .. 'a', field .. 'b')
  table.insert(answer[#answer], 1, field)
  -- A trim also repeats the words that were queued, and what runs asked about calls.
  local numbered = entry == oldest and tonumber(call('HGET', key('h', thread), 'tc') or 0) or 0
  for index = 1, numbered do
    table.insert(answer[#answer], call('HGET', log, field .. 'c' .. index))
  end
  if bytes >= MOST_BYTES then
    answer[1] = 'more'
    break
  end
end
answer[2] = int(bytes)
return answer
`;
