//! U50: an upstream whose name or certificate is not right is not spoken to, and never sees the key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::app::Program;

fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults/tls").join(name)
}

/// A server with this certificate, or with none and no TLS; its port, and how many bytes of HTTP it was trusted with.
async fn server(certificate: Option<&str>) -> (u16, Arc<AtomicUsize>) {
    let acceptor = certificate.map(|name| {
        let chain = CertificateDer::pem_file_iter(made(name)).unwrap().map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(made("leaf.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let trusted = Arc::new(AtomicUsize::new(0));
    let seen = trusted.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (acceptor, seen) = (acceptor.clone(), seen.clone());
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                let Some(acceptor) = acceptor else {
                    // Speaks, but not TLS.
                    let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n").await;
                    let read = stream.read(&mut bytes).await.unwrap_or(0);
                    let is_plain = bytes[..read].windows(6).any(|window| window == b"Bearer");
                    seen.fetch_add(usize::from(is_plain), Ordering::Relaxed);
                    return;
                };
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let read = stream.read(&mut bytes).await.unwrap_or(0);
                seen.fetch_add(read, Ordering::Relaxed);
            });
        }
    });
    (port, trusted)
}

/// Presses Create before a server at this address; what the page of the clip says once it was tried, and its state.
async fn tried(base_url: &str) -> (String, String) {
    let data = TempDir::new().unwrap();
    let config = data.path().join("tls.toml");
    let text = format!(
        "[[upstream]]\nname = \"gateway\"\ndriver = \"openai\"\nbase_url = \"{base_url}\"\napi_key = \"sk-secret\"\n\
         [[upstream.models]]\nid = \"sora-2\"\nlabel = \"Sora 2\"\nsizes = [\"1280x720\"]\nseconds = [4]\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).arg("--config").arg(&config);
    command.env_remove("OPENAI_BASE_URL").env("SSL_CERT_FILE", made("root.pem"));
    let program = Program::run(command, data.path()).await;
    let clip = program.browser.paid("A fox").await;
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(50));
    for _ in 0..600 {
        beat.tick().await;
        let drawn = program.browser.page(&clip).await.generations().remove(0);
        // Tried means: a reason stands beside a queued clip, or it is beyond the queue.
        if drawn.state == "uncertain" || drawn.state == "queued" && drawn.text.contains("again") {
            program.kill().await;
            return (drawn.state, drawn.text);
        }
    }
    panic!("it was never tried at {base_url}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_cannot_prove_who_it_is_gets_no_byte_and_the_clip_waits() {
    // The good one is spoken to, so the others could have been: it hangs up then, and nobody can know.
    let (port, trusted) = server(Some("good.pem")).await;
    let (state, text) = tried(&format!("https://localhost:{port}/v1")).await;
    assert_eq!(state, "uncertain", "{text}");
    assert!(trusted.load(Ordering::Relaxed) > 0);
    for certificate in [Some("expired.pem"), Some("stranger.pem"), Some("selfmade.pem"), None] {
        let (port, trusted) = server(certificate).await;
        let (state, text) = tried(&format!("https://localhost:{port}/v1")).await;
        assert_eq!((state.as_str(), trusted.load(Ordering::Relaxed)), ("queued", 0), "{certificate:?}: {text}");
        println!("{certificate:?}: {text}");
    }
    let (state, text) = tried("https://nobody.invalid/v1").await;
    println!("no name: {text}");
    assert_eq!(state, "queued", "{text}");
}
