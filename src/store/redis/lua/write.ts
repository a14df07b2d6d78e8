/** The parts of a write, by name. Each reads its own arguments, in the order in which `encode-write.ts` gives them. */
export const WRITE: string = String.raw`
local write = {}

-- An entry, with its words apart so that they can be erased: what is new, what may be erased already, what is quoted.
function write.entry(thread)
  local version, entry = arg(), arg()
  local log = key('l', thread)
  call('HSET', log, version, entry)
  for _ = 1, number() do
    local field, kind, id, words = version .. arg(), arg(), arg(), arg()
    if kind == 'new' or not isRedacted(thread, id) then
      call('HSET', log, field, words)
      if kind == 'quote' then
        local quotes = call('HGET', key('q', thread), id)
        call('HSET', key('q', thread), id, quotes and quotes .. ' ' .. field or field)
      end
    end
  end
end

local function place(thread, message)
  local segment, position = arg(), arg()
  local field = 'p' .. segment .. '.' .. position
  call('HSET', key('m', thread), 'i' .. message.id, field, field, join(message))
  local continued = arg()
  if continued ~= '' then call('HSET', key('g', thread), segment, continued) end
  if message.role == 's' or message.role == 'd' then
    local index = key('i', thread)
    local positions = call('HGET', index, segment)
    call('HSET', index, segment, positions and positions .. ' ' .. position or position)
  end
end

local function newMessage(thread)
  local id, role, text, version, given = arg(), arg(), arg(), arg(), arg()
  local isNew = call('HSETNX', P .. 'ids', id, given .. version .. ' ' .. thread) == 1
  if isNew and given == 'g' then call('ZADD', key('gv', thread), version, id) end
  return { role = role, text = text, red = '0', version = version, versions = version, id = id }
end

function write.append(thread)
  place(thread, newMessage(thread))
end

function write.open(thread)
  local message = newMessage(thread)
  place(thread, message)
  call('SADD', key('o', thread), message.id)
end

function write.enqueue(thread)
  local message = newMessage(thread)
  local field = 'q' .. message.id
  call('HSET', key('m', thread), 'i' .. message.id, field, field, join(message))
end

function write.dequeue(thread)
  local id, version = arg(), arg()
  local record = call('HGET', key('m', thread), 'q' .. id)
  if not record then
    at = at + 3
    return
  end
  local message = split(record)
  message.version, message.versions = version, message.versions .. ',' .. version
  place(thread, message)
  call('HDEL', key('m', thread), 'q' .. id)
  if call('HGET', P .. 'ids', id) == 'm' .. message.versions:match('^%d+') .. ' ' .. thread then
    call('HSET', P .. 'ids', id, 'm' .. version .. ' ' .. thread)
  end
end

function write.discard(thread)
  local id = arg()
  call('HDEL', key('m', thread), 'i' .. id, 'q' .. id)
  call('ZREM', key('kv', thread), id)
  local owner = call('HGET', P .. 'ids', id)
  if owner and owner:match('^m%d+ (.*)$') == thread then call('HDEL', P .. 'ids', id) end
end

function write.commit(thread)
  local id, version, text = arg(), arg(), arg()
  local field, record = recordOf(thread, id)
  if record then
    local message = split(record)
    message.versions = message.versions .. ',' .. version
    if message.red == '0' and text ~= '' then message.text = text end
    call('HSET', key('m', thread), field, join(message))
  end
  call('SREM', key('o', thread), id)
  call('UNLINK', key('c', pair(id, thread)))
end

function write.annotate(thread)
  local id, version, entry, words = arg(), arg(), arg(), arg()
  local home, field, record = find(thread, id)
  if not record then return end
  local message = split(record)
  if message.red == '1' then return end
  if home ~= thread then
    -- The heir of a purged thread says it: the message's own log gets it too, under a name that no version has.
    local owned = 'x' .. version .. '.' .. call('HGET', key('h', thread), 'n')
    call('HSET', key('l', home), owned, entry, owned .. 'a', words)
    version = owned
  end
  message.versions = message.versions .. ',' .. version
  call('HSET', key('m', home), field, join(message))
end

function write.redact(thread)
  redact(thread, arg())
end

function write.blobs(thread)
  local id, count = arg(), number()
  local isErased = isRedacted(thread, id)
  local shas = {}
  for i = 1, count do
    shas[i] = arg()
    if not isErased then
      call('SADD', key('bt', shas[i]), pair(thread, id))
      call('PERSIST', key('bb', shas[i]))
    end
  end
  if not isErased then call('HSET', key('b', thread), id, table.concat(shas, ' ')) end
end

function write.fork(thread)
  include(thread, rangesOf(1))
end
`;

/** Runs, heads, lists and the feed. */
export const WRITE_BESIDE: string = String.raw`
function write.create(thread)
  local ttl, tombstone = arg(), arg()
  call('ZADD', P .. 'threads', 0, thread)
  call('HSET', key('h', thread), 'n', call('INCR', P .. 'made'))
  if ttl ~= '' then call('HSET', key('h', thread), 'ttl', ttl, 'y', tombstone) end
end

function write.due(thread)
  local due = arg()
  if due == '' then
    call('ZREM', P .. 'ends', thread)
  else
    call('ZADD', P .. 'ends', due, thread)
  end
end

function write.forked(thread)
  local origin, head = arg(), key('h', thread)
  call('ZADD', key('fo', origin), call('HGET', head, 'n'), thread)
  call('HSET', head, 'ff', origin)
end

function write.run(thread)
  local id, run, started, created = arg(), arg(), arg(), arg()
  call('HSET', key('r', thread), id, run)
  local place = pair(thread, id)
  if started ~= '' then
    local name = pair(id, string.format('%016.0f', created)) .. thread
    call('ZADD', key('ro', thread), started, id)
    call('ZADD', P .. 'rt', 0, name)
    call('SADD', key('w', thread), 'r' .. name, 'u' .. place)
  end
  -- By when it was made, or when it is due; or not at all.
  for _, list in ipairs({ 'ur', 'du', 'ca' }) do
    local score = arg()
    if score == '' then
      call('ZREM', P .. list, place)
    else
      call('ZADD', P .. list, score, place)
    end
  end
end

function write.step(thread)
  local run, id, step, version = arg(), arg(), arg(), number()
  local name = pair(run, id)
  if call('HEXISTS', key('s', thread), name) == 0 then
    call('ZADD', key('so', thread), 0, pair(run, string.format('%016.0f', version) .. id))
  end
  call('HSET', key('s', thread), name, step)
end

function write.head(thread)
  local head = key('h', thread)
  local values = {}
  for i = 1, number() do values[i] = arg() end
  call('HSET', head, unpack(values))
  local gone = {}
  for i = 1, number() do gone[i] = arg() end
  if #gone > 0 then call('HDEL', head, unpack(gone)) end
end

-- A fork's head may have been read before its origin erased what it quotes.
local function isErased(thread, id)
  return call('EXISTS', key('f', thread)) == 1 and isRedacted(thread, id)
end

function write.title(thread)
  local title, of = arg(), arg()
  if of ~= '' and isErased(thread, of) then title = 'null' end
  call('HSET', key('h', thread), 't', title, 'o', of)
end

function write.last(thread)
  local id, message, text = arg(), arg(), arg()
  if id ~= '' and isErased(thread, id) then text = '""' end
  call('HSET', key('h', thread), 'li', id, 'lj', message, 'lt', text)
end

function write.users(thread)
  unlist(thread)
  local users = key('u', thread)
  call('DEL', users)
  for _ = 1, number() do call('SADD', users, arg()) end
end

function write.list(thread)
  local state, updated = arg(), arg()
  if call('HGET', key('h', thread), 'ls') ~= state then unlist(thread) end
  local score = '-' .. updated
  call('ZADD', key('ls', state .. ':'), score, thread)
  for _, user in ipairs(call('SMEMBERS', key('u', thread))) do
    call('ZADD', key('ls', state .. ':' .. user), score, thread)
  end
  call('HSET', key('h', thread), 'ls', state)
end

function write.feed(thread)
  local type, version = arg(), arg()
  local position = call('INCR', P .. 'seq')
  if type == 'u' then
    call('ZADD', P .. 'feed', position, 'u ' .. thread)
    call('HSET', key('h', thread), 'fu', version)
    return
  end
  local event = type .. version .. ' ' .. thread
  call('ZADD', P .. 'feed', position, event)
  call('SADD', key('e', thread), event)
end

-- The entry that says so is all that stays of the log, for whoever follows it.
function write.purge(thread)
  local version = arg()
  local entry = call('HGET', key('l', thread), version)
  purge(thread)
  call('HSET', key('h', thread), 'z', '1', 'pv', version, 'pe', entry)
  call('HDEL', key('h', thread), 'x', 'ttl', 'y', 'ls', 'fu')
end
`;

export const PROLONG: string = String.raw`
-- A session thread lives on from its last change.
local function prolong(thread)
  local ttl = call('HGET', key('h', thread), 'ttl')
  if not ttl then return end
  local ends = int(now() + tonumber(ttl))
  call('HSET', key('h', thread), 'x', ends)
  call('ZADD', P .. 'exp', ends, thread)
end
`;
