// What a page's RTCPeerConnections know, read from beside the page.

/** Has a page remember each connection that it makes. Runs in the page. */
function remember() {
  window.connections = [];
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args) {
      const made = new target(...args);
      window.connections.push(made);
      return made;
    },
  });
}

/** Somebody whose page remembers its connections, before it opens `url`. */
export async function remembering(person, url) {
  await person.page.addInitScript(remember);
  await person.page.goto(url);
  return person;
}

/** All that a page was ever told of its partners' whereabouts. */
export function toldOfPartner(person) {
  return person.page.evaluate(async () => {
    const told = [];
    for (const connection of window.connections) {
      const sdp = connection.currentRemoteDescription?.sdp ?? '';
      // The browser itself writes a loopback address into the origin.
      told.push(sdp.replace(/^o=.*$/m, ''));
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type === 'remote-candidate') told.push(JSON.stringify(entry));
      }
    }
    return told;
  });
}

/** The candidate pairs that carry something, each with its two candidates. */
export function pathsInUse(person) {
  return person.page.evaluate(async () => {
    const paths = [];
    for (const connection of window.connections) {
      if (connection.connectionState !== 'connected') continue;
      const report = await connection.getStats();
      for (const entry of report.values()) {
        if (entry.type !== 'transport' || !entry.selectedCandidatePairId) continue;
        const pair = report.get(entry.selectedCandidatePairId);
        const [local, remote] = [pair.localCandidateId, pair.remoteCandidateId].map((id) => {
          const { candidateType, relayProtocol, address, port, url } = report.get(id);
          return { candidateType, relayProtocol, address, port, url };
        });
        paths.push({ local, remote });
      }
    }
    return paths;
  });
}
