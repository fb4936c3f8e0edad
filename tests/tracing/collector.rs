//! A small collector, which keeps what it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::server::DEADLINE;

/// A span, and the node that sent it.
#[derive(Clone, Debug)]
pub struct Sent {
    pub node: String,
    pub span: Span,
}

/// Listens on a free port of the loopback for as long as it is there.
pub struct Collector {
    pub url: String,
    kept: Arc<Mutex<Vec<Sent>>>,
}

impl Collector {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept = Arc::<Mutex<Vec<Sent>>>::default();
        let pile = kept.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, pile.clone()));
            }
        });
        Self { url, kept }
    }

    /// All that came so far.
    pub fn all(&self) -> Vec<Sent> {
        self.kept.lock().unwrap().clone()
    }

    /// Waits for so many spans, and returns them by their names; of two of one name
    /// the second has its role as well.
    pub async fn trace(&self, count: usize) -> Trace {
        let begun = Instant::now();
        while self.all().len() < count {
            assert!(begun.elapsed() < DEADLINE, "only these came: {:?}", self.all());
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Trace::new(self.all())
    }
}

async fn serve(stream: TcpStream, pile: Arc<Mutex<Vec<Sent>>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if stream.read_line(&mut first).await.unwrap_or(0) == 0 {
            return;
        }
        assert_eq!(first, "POST /v1/traces HTTP/1.1\r\n");
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("content-type", value)) => assert_eq!(value, "application/x-protobuf"),
                Some(_) => (),
                None => break,
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        pile.lock().unwrap().extend(read(&body));
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
    }
}

fn read(body: &[u8]) -> Vec<Sent> {
    let request = ExportTraceServiceRequest::decode(body).expect("it is OTLP");
    let mut all = Vec::new();
    for resource in request.resource_spans {
        let about = resource.resource.expect("who sends it").attributes;
        assert_eq!(attribute(&about, "service.name"), Some("passerby"));
        let node = attribute(&about, "service.instance.id").expect("which node").to_owned();
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            all.push(Sent { node: node.clone(), span });
        }
    }
    all
}

/// An attribute's text.
pub fn attribute<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match &found.value {
        Some(AnyValue { value: Some(Value::StringValue(text)) }) => Some(text),
        _ => None,
    }
}

/// The spans of one trace, each by its name and role.
pub struct Trace(BTreeMap<String, Sent>);

impl Trace {
    fn new(all: Vec<Sent>) -> Self {
        let traces: BTreeSet<_> = all.iter().map(|sent| sent.span.trace_id.clone()).collect();
        assert_eq!(traces.len(), 1, "one trace: {all:?}");
        let count = all.len();
        let named = all.into_iter().map(|sent| {
            let role = attribute(&sent.span.attributes, "passerby.role");
            (role.map_or(sent.span.name.clone(), |role| format!("{} {role}", sent.span.name)), sent)
        });
        let spans = BTreeMap::from_iter(named);
        assert_eq!(spans.len(), count, "each came once");
        Self(spans)
    }

    /// What spans there are.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    pub fn get(&self, name: &str) -> &Sent {
        &self.0[name]
    }

    /// The name of each span's parent; none where that was not sent.
    pub fn parent(&self, name: &str) -> Option<&str> {
        let parent = &self.get(name).span.parent_span_id;
        let found = self.0.iter().find(|(_, sent)| sent.span.span_id == *parent);
        assert_eq!(found.is_none(), parent.is_empty(), "a parent of {name} that nobody sent");
        found.map(|(name, _)| name.as_str())
    }
}
