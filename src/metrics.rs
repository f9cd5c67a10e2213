//! What happened since the start, counted where it happens. How things stand is not counted but read when somebody asks:
//! `web/health.rs` puts both together.

use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramOpts, IntCounterVec, Opts, Registry, Result};

/// Seconds by which answers are told apart.
const BUCKETS: [f64; 9] = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counters of one run of the server. Labels are names from the configuration and words of ours, never what somebody typed.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    creates: IntCounterVec,
    found: IntCounterVec,
    polls: IntCounterVec,
    downloads: IntCounterVec,
    bytes: IntCounterVec,
    requests: IntCounterVec,
    deliveries: IntCounterVec,
    seconds: Histogram,
}

impl Metrics {
    /// All at zero, for these upstreams: what never happened is told as none.
    ///
    /// # Errors
    /// Only if two of them had one name.
    pub fn new(upstreams: &[&str]) -> Result<Self> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| -> Result<IntCounterVec> {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let creates = counter(
            "rushes_creates_total",
            "Creates sent, by outcome: accepted, refused, not_sent (goes out again by itself), uncertain",
            &["upstream", "outcome"],
        )?;
        let found = counter(
            "rushes_reconciled_total",
            "Looks for lost creates in an upstream's list: adopted or open",
            &["upstream", "outcome"],
        )?;
        let polls = counter(
            "rushes_polls_total",
            "Questions about jobs, by outcome: answered, missing, failed",
            &["upstream", "outcome"],
        )?;
        let downloads = counter(
            "rushes_downloads_total",
            "Downloads, by what became of them: begun, resumed, saved, set_back",
            &["upstream", "outcome"],
        )?;
        let bytes = counter("rushes_download_bytes_total", "Bytes of clips received", &["upstream"])?;
        let requests = counter("rushes_http_requests_total", "Requests answered, by class of status", &["class"])?;
        let deliveries = counter(
            "rushes_webhook_deliveries_total",
            "Tries to tell a webhook, by outcome: delivered, set_back (sent again by itself), given_up",
            &["outcome"],
        )?;
        for outcome in ["delivered", "set_back", "given_up"] {
            drop(deliveries.with_label_values(&[outcome]));
        }
        let options = HistogramOpts::new("rushes_http_seconds", "Seconds until the head of an answer");
        let seconds = Histogram::with_opts(options.buckets(BUCKETS.to_vec()))?;
        registry.register(Box::new(seconds.clone()))?;
        for upstream in upstreams {
            let outcomes = [
                (&creates, &["accepted", "refused", "not_sent", "uncertain"][..]),
                (&found, &["adopted", "open"]),
                (&polls, &["answered", "missing", "failed"]),
                (&downloads, &["begun", "resumed", "saved", "set_back"]),
            ];
            for (counter, words) in outcomes {
                for word in words {
                    drop(counter.with_label_values(&[*upstream, *word]));
                }
            }
            drop(bytes.with_label_values(&[*upstream]));
        }
        for class in ["2xx", "3xx", "4xx", "5xx"] {
            drop(requests.with_label_values(&[class]));
        }
        Ok(Self { registry, creates, found, polls, downloads, bytes, requests, deliveries, seconds })
    }

    /// A create ended: `accepted`, `refused`, `not_sent` or `uncertain`.
    pub fn create(&self, upstream: &str, outcome: &str) {
        self.creates.with_label_values(&[upstream, outcome]).inc();
    }

    /// A lost create was looked for: `adopted` or `open`.
    pub fn looked(&self, upstream: &str, outcome: &str) {
        self.found.with_label_values(&[upstream, outcome]).inc();
    }

    /// A job was asked about: `answered`, `missing` or `failed`.
    pub fn poll(&self, upstream: &str, outcome: &str) {
        self.polls.with_label_values(&[upstream, outcome]).inc();
    }

    /// A download: `begun`, `resumed`, `saved` or `set_back`.
    pub fn download(&self, upstream: &str, outcome: &str) {
        self.downloads.with_label_values(&[upstream, outcome]).inc();
    }

    /// Bytes of a clip came in.
    pub fn received(&self, upstream: &str, bytes: u64) {
        self.bytes.with_label_values(&[upstream]).inc_by(bytes);
    }

    /// A try to tell a webhook: `delivered`, `set_back` or `given_up`.
    pub fn delivery(&self, outcome: &str) {
        self.deliveries.with_label_values(&[outcome]).inc();
    }

    /// A request was answered with a status after so many seconds.
    pub fn request(&self, status: u16, seconds: f64) {
        let class = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.requests.with_label_values(&[class]).inc();
        self.seconds.observe(seconds);
    }

    /// All of them as they are now.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
