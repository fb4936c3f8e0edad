//! Histograms of latencies as text, and back.
//!
//! The text is what HdrHistogram calls V2 (its wiki, "Histogram encoding"; the
//! reference is `HdrHistogram/HdrHistogram`, `EncodableHistogram.java`), in base64.
//! It comes from files that people hand around, so nothing in it is believed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use thiserror::Error;

use super::{Figures, Latency};

/// The longest time that is told apart, in microseconds: an hour. Longer ones
/// count as this.
pub const LONGEST_US: u64 = 3_600_000_000;
/// Times are exact to one in a thousand.
const DIGITS: u8 = 3;
/// More than any run measures, and few enough that sums of a thousand
/// histograms don't overflow.
const MOST_COUNTED: u64 = 1 << 53;
/// The V2 header: cookie and length of what follows it, then the parameters.
const HEADER_BYTES: usize = 40;
/// Begins every V2 histogram; 0x10 says that counts are LEB128 of up to 9 bytes.
const V2_COOKIE: u32 = 0x1c84_9303 | 0x10;

/// Why a text is no histogram of ours.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum HistogramError {
    /// It is not base64.
    #[error("it is not base64")]
    NotBase64,
    /// The bytes are no histogram in the V2 format.
    #[error("it is not an HdrHistogram of format V2")]
    NotV2,
    /// It has other bounds or digits than this program's.
    #[error("its bounds are not 1 us to 1 h with 3 digits")]
    OtherBounds,
    /// It begins well, and then is cut off or not a list of counts.
    #[error("its counts are damaged")]
    Damaged,
    /// It counts more than can be measured.
    #[error("its counts are too large")]
    TooLarge,
}

/// An empty histogram of microseconds, with the bounds that reports have. Use
/// `saturating_record`, as what takes more than [`LONGEST_US`] should still count.
///
/// # Panics
/// Never: the bounds are constant and in order.
#[must_use]
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(LONGEST_US, DIGITS).expect("constant bounds that are in order")
}

impl Latency {
    /// A histogram as a report holds it.
    ///
    /// # Panics
    /// Never: a histogram of [`histogram`] can be written to memory.
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let mut bytes = Vec::new();
        let written = V2Serializer::new().serialize(histogram, &mut bytes);
        written.expect("counts below 2^63, and memory takes any of them");
        Self { figures: Figures::of(histogram), histogram: STANDARD.encode(bytes) }
    }

    /// The histogram itself.
    ///
    /// # Errors
    /// Where the text is damaged or not one of ours.
    pub fn read(&self) -> Result<Histogram<u64>, HistogramError> {
        let bytes = STANDARD.decode(&self.histogram).map_err(|_| HistogramError::NotBase64)?;
        check(&bytes)?;
        let read = Deserializer::new().deserialize::<u64, _>(&mut &bytes[..]);
        let histogram = read.map_err(|_| HistogramError::Damaged)?;
        if histogram.len() > MOST_COUNTED {
            return Err(HistogramError::TooLarge);
        }
        Ok(histogram)
    }
}

impl Figures {
    /// The figures of a histogram; all zero where it is empty.
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Self {
        if histogram.is_empty() {
            return Self::default();
        }
        Self {
            count: histogram.len(),
            mean: histogram.mean(),
            p50: histogram.value_at_quantile(0.5),
            p90: histogram.value_at_quantile(0.9),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
        }
    }
}

/// What the decoder would believe: it makes room for the length and the bounds
/// that the header names, and negates the lowest number there is.
fn check(bytes: &[u8]) -> Result<(), HistogramError> {
    let (header, counts) =
        bytes.split_first_chunk::<HEADER_BYTES>().ok_or(HistogramError::NotV2)?;
    let word = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().expect("four bytes"));
    let long = |at: usize| u64::from(word(at)) << 32 | u64::from(word(at + 4));
    if word(0) != V2_COOKIE {
        return Err(HistogramError::NotV2);
    }
    if (word(12), long(16), long(24)) != (u32::from(DIGITS), 1, LONGEST_US) {
        return Err(HistogramError::OtherBounds);
    }
    // Nine bytes of ones are the lowest number; no run of zeroes is that long.
    let lowest = counts.windows(9).any(|bytes| bytes.iter().all(|byte| *byte == 0xff));
    if word(4) as usize != counts.len() || lowest {
        return Err(HistogramError::Damaged);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Histogram<u64> {
        let mut histogram = histogram();
        for value in values {
            histogram.saturating_record(*value);
        }
        histogram
    }

    fn reading(bytes: &[u8]) -> Result<Histogram<u64>, HistogramError> {
        let histogram = STANDARD.encode(bytes);
        Latency { figures: Figures::default(), histogram }.read()
    }

    fn bytes(histogram: &Histogram<u64>) -> Vec<u8> {
        STANDARD.decode(Latency::of(histogram).histogram).unwrap()
    }

    #[test]
    fn figures_of_one_to_a_thousand() {
        let values: Vec<u64> = (1..=1000).collect();
        let figures = Figures::of(&of(&values));
        assert_eq!(
            (figures.count, figures.p50, figures.p90, figures.p99, figures.p999, figures.max),
            (1000, 500, 900, 990, 999, 1000)
        );
        assert!((figures.mean - 500.5).abs() < 1.0, "{figures:?}");
        assert_eq!(Figures::of(&histogram()), Figures::default());
    }

    #[test]
    fn what_takes_more_than_an_hour_counts_as_an_hour() {
        let figures = Figures::of(&of(&[u64::MAX]));
        assert_eq!(figures.count, 1);
        assert!((LONGEST_US..LONGEST_US / 1000 * 1001).contains(&figures.max), "{figures:?}");
    }

    #[test]
    fn each_damage_has_its_word() {
        let good = bytes(&of(&[1, 20, 300]));
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            reading(&bytes).unwrap_err()
        };
        let text = Latency { figures: Figures::default(), histogram: "no base64!".into() };
        assert_eq!(text.read().unwrap_err(), HistogramError::NotBase64);
        assert_eq!(reading(&[]).unwrap_err(), HistogramError::NotV2);
        assert_eq!(with(0, 7), HistogramError::NotV2);
        assert_eq!(with(4, 0x7f), HistogramError::Damaged, "a length of two gigabytes");
        assert_eq!(with(15, 5), HistogramError::OtherBounds);
        assert_eq!(with(24, 0x7f), HistogramError::OtherBounds);
        assert_eq!(reading(&good[..good.len() - 1]).unwrap_err(), HistogramError::Damaged);
    }

    #[test]
    fn counts_beyond_measure_are_refused() {
        let mut many = histogram();
        many.record_n(5, MOST_COUNTED + 1).unwrap();
        assert_eq!(reading(&bytes(&many)).unwrap_err(), HistogramError::TooLarge);
    }

    #[test]
    fn the_lowest_number_does_not_upset_the_decoder() {
        let mut bytes = bytes(&histogram());
        bytes.truncate(HEADER_BYTES);
        bytes.extend([0xff; 9]);
        bytes[4..8].copy_from_slice(&9_u32.to_be_bytes());
        assert_eq!(reading(&bytes).unwrap_err(), HistogramError::Damaged);
    }

    proptest! {
        #[test]
        fn a_histogram_comes_back_as_it_was(values in vec(0..2 * LONGEST_US, 0..200)) {
            let before = of(&values);
            let latency = Latency::of(&before);
            let after = latency.read().unwrap();
            prop_assert_eq!(Figures::of(&after), latency.figures);
            prop_assert_eq!(after, before);
        }

        #[test]
        fn damaged_bytes_are_an_error_or_a_histogram_and_never_a_panic(
            values in vec(0..LONGEST_US, 0..50),
            damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = bytes(&of(&values));
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Ok(histogram) = reading(&bytes) {
                prop_assert_eq!(Figures::of(&histogram).count, histogram.len());
            }
            prop_assert!(reading(&bytes[..cut.index(bytes.len())]).is_err());
        }
    }
}
