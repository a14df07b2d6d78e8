export const LOAD_RUN: string = String.raw`
local thread, id = arg(), arg()
return headOf(thread) and call('HGET', key('r', thread), id) or false
`;

/** Newest first, behind a run if one is named. */
export const LIST_RUNS: string = String.raw`
local thread, limit, before = arg(), number(), arg()
if not headOf(thread) then return {} end
local order = key('ro', thread)
local start = 0
if before ~= '' then
  local rank = call('ZREVRANK', order, before)
  start = rank and rank + 1 or 0
end
local answer = {}
if limit <= 0 then return answer end
for i, id in ipairs(call('ZREVRANGE', order, start, start + limit - 1)) do
  answer[i] = call('HGET', key('r', thread), id)
end
return answer
`;

/** The thread of a run, the newest one should several have a run of this id. */
export const THREAD_OF_RUN: string = String.raw`
local id = arg()
local prefix = pair(id, '')
local names = call('ZREVRANGEBYLEX', P .. 'rt', '[' .. prefix .. '\255', '[' .. prefix)
for _, name in ipairs(names) do
  local _, rest = halves(name)
  local thread = rest:sub(17)
  if headOf(thread) then return thread end
end
return false
`;

export const LIST_STEPS: string = String.raw`
local thread, run, from = arg(), arg(), number()
local answer = {}
if not headOf(thread) then return answer end
local prefix = pair(run, '')
local first, last = '[' .. prefix, '[' .. prefix .. '\255'
local function stepOf(name)
  local _, rest = halves(name)
  return call('HGET', key('s', thread), pair(run, rest:sub(17)))
end
if from == 0 then
  for i, name in ipairs(call('ZRANGEBYLEX', key('so', thread), first, last)) do
    answer[i] = stepOf(name)
  end
  return answer
end
-- A segment begins behind everything that was begun before it.
local newest = {}
local isEarlier = false
while not isEarlier do
  local names = call('ZREVRANGEBYLEX', key('so', thread), last, first, 'LIMIT', #newest, 50)
  for _, name in ipairs(names) do
    local step = stepOf(name)
    isEarlier = (cjson.decode(step).segment or 0) < from
    if isEarlier then break end
    newest[#newest + 1] = step
  end
  if #names < 50 then break end
end
for i = #newest, 1, -1 do answer[#answer + 1] = newest[i] end
return answer
`;

/** Runs of a list, those with the lowest scores first: thread, run and score of each. */
export const RUNS_IN: string = String.raw`
local list, by, limit = arg(), arg(), number()
local answer = {}
local found = call('ZRANGEBYSCORE', P .. list, '-inf', by, 'WITHSCORES', 'LIMIT', 0, limit)
for i = 1, #found, 2 do
  local thread, id = halves(found[i])
  local run = headOf(thread) and call('HGET', key('r', thread), id)
  if run then answer[#answer + 1] = { thread, run, found[i + 1] } end
end
return answer
`;

/** Threads whose time may be over, with that time; behind a time and a name, if they are given. */
export const DUE_THREADS: string = String.raw`
local by, limit, from, behind = arg(), number(), arg(), arg()
local answer = {}
local start = 0
while #answer < limit do
  local found = call('ZRANGEBYSCORE', P .. 'ends', from, by, 'WITHSCORES', 'LIMIT', start, limit)
  for i = 1, #found, 2 do
    local isBehind = behind == '' or found[i + 1] ~= from or found[i] > behind
    if isBehind and #answer < limit then answer[#answer + 1] = { found[i], found[i + 1] } end
  end
  if #found < limit * 2 then break end
  start = start + limit
end
return answer
`;
