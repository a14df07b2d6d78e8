/** Whether a thread that is still at a version stands in the right lists, and in no others. */
export const IS_LISTED: string = String.raw`
local thread, version, state, updated = arg(), number(), arg(), arg()
if headOf(thread) ~= version then return 1 end
local users = { '' }
local known = key('u', thread)
for i = 1, number() do
  users[i + 1] = arg()
  if call('SISMEMBER', known, users[i + 1]) == 0 then return 0 end
end
if call('SCARD', known) ~= #users - 1 then return 0 end
local origin = arg()
if origin ~= '' and not call('ZSCORE', key('fo', origin), thread) then return 0 end
if (call('ZSCORE', P .. 'ends', thread) or '') ~= arg() then return 0 end
for _, user in ipairs(users) do
  for other = 0, 3 do
    local score = call('ZSCORE', key('ls', other .. ':' .. user), thread)
    local expected = tostring(other) == state and '-' .. updated or false
    if score ~= expected then return 0 end
  end
end
return 1
`;

export const RELIST: string = String.raw`
local thread, version, state, updated = arg(), number(), arg(), arg()
if headOf(thread) ~= version then return 0 end
local known = key('u', thread)
local function unlist(user)
  for other = 0, 3 do call('ZREM', key('ls', other .. ':' .. user), thread) end
end
unlist('')
for _, user in ipairs(call('SMEMBERS', known)) do unlist(user) end
call('DEL', known)
call('ZADD', key('ls', state .. ':'), '-' .. updated, thread)
for _ = 1, number() do
  local user = arg()
  unlist(user)
  call('SADD', known, user)
  call('ZADD', key('ls', state .. ':' .. user), '-' .. updated, thread)
end
call('HSET', key('h', thread), 'ls', state)
local origin = arg()
if origin ~= '' then
  call('ZADD', key('fo', origin), call('HGET', key('h', thread), 'n'), thread)
  call('HSET', key('h', thread), 'ff', origin)
end
local due = arg()
if due == '' then
  call('ZREM', P .. 'ends', thread)
else
  call('ZADD', P .. 'ends', due, thread)
end
return 1
`;

/** Names in everybody's lists, or in the feed, of threads that are not there; a page of them. */
export const STRAYS: string = String.raw`
local list, start, count = arg(), number(), number()
local names = call('ZRANGE', P .. list, start, start + count - 1)
local answer = { #names }
for _, name in ipairs(names) do
  local thread = list == 'feed' and name:match('^%S+ (.*)$') or name
  local head = call('HMGET', key('h', thread), 'v', 'z')
  if not head[1] or head[2] == '1' then answer[#answer + 1] = thread end
end
return answer
`;
