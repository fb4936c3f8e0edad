/**
 * Whether the path in use leaves this machine by a relay. False where the browser
 * does not tell (W3C WebRTC, section 5.6.1).
 */
export function leavesByRelay(pc: RTCPeerConnection): boolean {
  return pc.getSenders().some((sender) => {
    // Older browsers know the transport, and not the pair.
    const ice: Partial<RTCIceTransport> | undefined = sender.transport?.iceTransport;
    return ice?.getSelectedCandidatePair?.()?.local?.type === 'relay';
  });
}
