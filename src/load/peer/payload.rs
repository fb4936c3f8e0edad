//! What signals look like: as large and as shaped as those of browsers.

use std::sync::LazyLock;

/// The bytes of an SDP.
const SDP_BYTES: usize = 3_000;

/// What stands before the mark of an SDP.
pub(super) const SDP_HEAD: &str = "v=0\r\na=x-passerby:";

/// What stands behind it: padded with codecs, as those of browsers are.
pub(super) static SDP_TAIL: LazyLock<String> = LazyLock::new(|| {
    let mut sdp = String::from(
        "\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
         a=msid-semantic: WMS\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100\r\nc=IN IP4 0.0.0.0\r\n\
         a=ice-ufrag:EEtu\r\na=ice-pwd:asd88fgpdd777uzjYhagZg0x\r\na=ice-options:trickle\r\n\
         a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n",
    );
    let mut codec = 96;
    while sdp.len() < SDP_BYTES - 150 {
        sdp.push_str(&format!("a=rtpmap:{codec} VP8/90000\r\na=rtcp-fb:{codec} nack pli\r\n"));
        codec += 1;
    }
    sdp
});

/// What stands before the mark of a candidate.
pub(super) const CANDIDATE_HEAD: &str =
    "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx generation 0 x ";
/// What stands behind it.
pub(super) const CANDIDATE_TAIL: &str = " ufrag EEtu";

/// What stands behind the mark of a line of text.
pub(super) const CHAT_TAIL: &str = " hello, where are you from? \u{1F600}";
