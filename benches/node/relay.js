// What people write who do without Passerby: pairs whoever comes and copies
// what one says to the other.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));

const waiting = new Set();
const room = '11111111-2222-4333-8444-555555555555';
const say = (socket, message) => socket.send(JSON.stringify(message));

const part = (socket) => {
  waiting.delete(socket);
  const { partner } = socket;
  if (!partner) return;
  [socket.partner, partner.partner] = [null, null];
  [socket.last, partner.last] = [partner, socket];
  say(partner, { type: 'peerLeft', room });
};

const pair = (socket) => {
  const other = [...waiting].find((other) => other.last !== socket && socket.last !== other);
  if (!other) return waiting.add(socket);
  waiting.delete(other);
  [socket.partner, other.partner] = [other, socket];
  say(other, { type: 'matched', room, role: 'offerer' });
  say(socket, { type: 'matched', room, role: 'answerer' });
};

server.on('connection', (socket) => {
  socket.on('error', () => socket.terminate());
  socket.on('close', () => part(socket));
  socket.on('message', (data) => {
    const { type } = JSON.parse(data);
    if (type !== 'join' && type !== 'next') return socket.partner?.send(data.toString());
    part(socket);
    pair(socket);
  });
  say(socket, { type: 'welcome' });
});
