//! Whatever comes in, the relay neither falls nor stands still.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stun_types::attribute::{AttributeType, RawAttribute};
use stun_types::message::{BINDING, MessageWrite, Method};
use tokio::runtime::Runtime;

use crate::client::{Client, Part, unsigned};
use crate::running::Running;

/// What a datagram is made from.
#[derive(Clone, Debug)]
enum Sent {
    /// Bytes as they are.
    Random(Vec<u8>),
    /// A signed request of these attributes.
    Signed(u16, Vec<(u16, Vec<u8>)>),
    /// The same with bytes changed, or cut.
    Mutated(u16, Vec<(u16, Vec<u8>)>, Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>),
    /// The same as an indication.
    Indicated(Vec<(u16, Vec<u8>)>),
}

/// Every attribute that is known, and some that are not.
const KINDS: [u16; 22] = [
    0x0001, 0x0003, 0x0006, 0x0009, 0x000A, 0x000C, 0x000D, 0x0012, 0x0013, 0x0014, 0x0015, 0x0016,
    0x0017, 0x0018, 0x0019, 0x001A, 0x0020, 0x0022, 0x8000, 0x8001, 0x8022, 0x7777,
];

fn attributes() -> impl Strategy<Value = Vec<(u16, Vec<u8>)>> {
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        Just(vec![17, 0, 0, 0]),
        Just(vec![0x40, 0, 0, 0]),
        Just(vec![1, 0, 0, 0]),
        Just(vec![0, 1, 0x21, 0x13, 0x5e, 0x12, 0xa4, 0x43]),
    ];
    prop::collection::vec((prop::sample::select(&KINDS[..]), value), 0..6)
}

fn sent() -> impl Strategy<Value = Sent> {
    let method = || prop_oneof![0..12u16, Just(1), Just(3), Just(4), Just(8), Just(9)];
    let change = (any::<prop::sample::Index>(), any::<u8>());
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Sent::Random),
        (method(), attributes()).prop_map(|(method, parts)| Sent::Signed(method, parts)),
        (
            method(),
            attributes(),
            prop::collection::vec(change, 1..4),
            prop::option::of(any::<prop::sample::Index>())
        )
            .prop_map(|(m, parts, changes, cut)| Sent::Mutated(m, parts, changes, cut)),
        attributes().prop_map(Sent::Indicated),
    ]
}

fn parts(attributes: &[(u16, Vec<u8>)]) -> Vec<Part> {
    let part = |(kind, value): &(u16, Vec<u8>)| {
        Part::from(RawAttribute::new(AttributeType::new(*kind), value).into_owned())
    };
    attributes.iter().map(part).collect()
}

impl Sent {
    fn bytes(&self, client: &Client) -> Vec<u8> {
        match self {
            Self::Random(bytes) => bytes.clone(),
            Self::Signed(method, attributes) => {
                client.signed(Method::new(*method), &parts(attributes))
            }
            Self::Mutated(method, attributes, changes, cut) => {
                let mut bytes = client.signed(Method::new(*method), &parts(attributes));
                for (index, byte) in changes {
                    *index.get_mut(&mut bytes) = *byte;
                }
                bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
                bytes
            }
            Self::Indicated(attributes) => {
                let mut bytes = unsigned(Method::new(6), &parts(attributes)).finish();
                bytes[1] |= 0x10;
                bytes
            }
        }
    }
}

/// One relay for all cases, so that what one leaves behind meets the next.
static RELAY: LazyLock<(Runtime, Running)> =
    LazyLock::new(|| (Runtime::new().unwrap(), Running::start(|_| ())));

/// Panics of the relay's threads: a stream's would end it alone.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn watch_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() == Some("turn") {
            PANICS.fetch_add(1, Ordering::Relaxed);
        }
        before(panic);
    }));
}

fn survives(sent: &[Sent], stream: bool) {
    let (runtime, running) = &*RELAY;
    runtime.block_on(async {
        let mut client = Client::udp(running.v4(), "1:a").await;
        if stream {
            client = Client::tcp(running.v4(), "1:a").await;
        }
        client.allocate(vec![]).await;
        for sent in sent {
            let bytes = sent.bytes(&client);
            match &mut client.wire {
                crate::wire::Wire::Datagrams(socket) => drop(socket.send(&bytes).await),
                crate::wire::Wire::Stream(stream, ..) => {
                    // The relay may have closed it.
                    let _ = tokio::io::AsyncWriteExt::write_all(stream, &bytes).await;
                }
            }
        }
        if !stream {
            client.exchange(&unsigned(BINDING, &[]).finish()).await;
            // A later client may come from the same port.
            client.refresh(0).await;
        }
        Client::tcp(running.v4(), "1:b").await.allocate(vec![]).await;
    });
    assert_eq!(PANICS.load(Ordering::Relaxed), 0);
}

fn cases() -> TestRunner {
    watch_panics();
    TestRunner::new(Config { cases: 256, failure_persistence: None, ..Config::default() })
}

#[test]
fn by_datagrams() {
    let many = prop::collection::vec(sent(), 1..40);
    cases()
        .run(&many, |sent| {
            survives(&sent, false);
            Ok(())
        })
        .unwrap();
}

#[test]
fn by_streams() {
    let many = prop::collection::vec(sent(), 1..10);
    cases()
        .run(&many, |sent| {
            survives(&sent, true);
            Ok(())
        })
        .unwrap();
}
