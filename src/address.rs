//! Which addresses may be asked. Whatever an upstream names, or somebody types, is untrusted: web addresses only, and no
//! host inside somebody's network except the upstream's own, or one that the configuration names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A name that leads only to addresses inside a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this name leads to an address inside a private network")]
pub struct Inside;

/// Looks names up and keeps the public addresses only. The connection goes to exactly
/// the addresses that were checked, so a name that changes in between gains nothing.
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let kept = public(found)?;
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

fn public(mut found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Inside> {
    let some = !found.is_empty();
    found.retain(|address| is_public(address.ip()));
    if some && found.is_empty() { Err(Inside) } else { Ok(found) }
}

/// Whether a download may go to `url`; `home` is the configured upstream. The words are for people.
pub fn check(url: &Url, home: &Url) -> Result<(), &'static str> {
    plain(url)?;
    if home.host() == url.host() { Ok(()) } else { outside(url) }
}

/// Whether this is an address on the web, without a password in it.
pub fn plain(url: &Url) -> Result<(), &'static str> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it names an address that is not on the web");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it names an address with a password in it");
    }
    if url.host().is_some() { Ok(()) } else { Err("it names an address without a host") }
}

/// Whether `url` leads out of private networks, as far as it tells; what a name leads to is for [`PublicOnly`].
pub fn outside(url: &Url) -> Result<(), &'static str> {
    let Some(host) = url.host() else { return Err("it names an address without a host") };
    let inside = match host {
        Host::Ipv4(ip) => !is_public(IpAddr::V4(ip)),
        Host::Ipv6(ip) => !is_public(IpAddr::V6(ip)),
        Host::Domain(_) => false,
    };
    if inside { Err("it names an address inside a private network") } else { Ok(()) }
}

/// Whether `url` has the scheme, host and port of `home`.
pub fn same_origin(url: &Url, home: &Url) -> bool {
    url.scheme() == home.scheme()
        && url.host() == home.host()
        && url.port_or_known_default() == home.port_or_known_default()
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99);
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    // An address that carries an IPv4 one (mapped, compatible, NAT64) is judged by that one.
    let carried = parts[..5] == [0; 5] && matches!(parts[5], 0 | 0xffff)
        || parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0]
        || parts[..6] == [0, 0, 0, 0, 0xffff, 0];
    if carried {
        let [.., a, b, c, d] = ip.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Only 2000::/3 is handed out; within it tunnels (Teredo, 6to4) and documentation are not the web.
    let global = parts[0] & 0xe000 == 0x2000;
    let odd =
        (parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0xdb8)) || parts[0] == 0x2002 || parts[0] == 0x3fff;
    global && !odd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        let home: Url = "https://api.example.com/v1".parse().expect("an address");
        text.parse().map_or(true, |url| check(&url, &home).is_err())
    }

    #[test]
    fn addresses_inside_a_network_are_refused_however_they_are_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "0.0.0.0",
            "0",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.254",
            "192.168.1.1",
            "169.254.169.254",
            "0xa9fea9fe",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "192.88.99.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "１２７.0.0.1",
            "127。0。0。1",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:10.1.2.3]",
            "[::127.0.0.1]",
            "[::ffff:0:127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::1]",
            "[fe80::1]",
            "[febf::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[ff02::1]",
            "[100::1]",
            "[2001::1]",
            "[2001:db8::1]",
            "[2002:7f00:1::]",
            "[2002:a00:1::]",
            "[3fff::1]",
            "[5f00::1]",
        ] {
            assert!(refused(&format!("http://{host}/x.mp4")), "{host}");
        }
        for text in [
            "file:///etc/passwd",
            "ftp://example.com/x",
            "gopher://example.com/",
            "data:video/mp4,x",
            "javascript:1",
            "https://user@example.com/x",
            "https://user:pass@example.com/x",
            "https://api.example.com@10.0.0.1/x",
            "unix:/run/x.sock",
            "s3://bucket/x",
            "http://",
            "https://[::1",
            "",
        ] {
            assert!(refused(text), "{text}");
        }
    }

    #[test]
    fn public_addresses_and_the_upstreams_own_host_are_allowed() {
        for text in
            ["https://cdn.example.net/x", "http://8.8.8.8/x", "https://[2606:4700::1111]/x", "http://172.32.0.1/x"]
        {
            assert!(!refused(text), "{text}");
        }
        let home: Url = "http://127.0.0.1:8000/v1".parse().expect("an address");
        let near: Url = "http://127.0.0.1:9000/x.mp4".parse().expect("an address");
        assert_eq!((check(&near, &home), same_origin(&near, &home)), (Ok(()), false));
    }

    #[test]
    fn names_are_cut_down_to_their_public_addresses() {
        let all =
            |texts: &[&str]| texts.iter().map(|text| text.parse().expect("an address")).collect::<Vec<SocketAddr>>();
        assert_eq!(public(all(&["10.0.0.1:0", "8.8.8.8:0", "[::1]:0"])), Ok(all(&["8.8.8.8:0"])));
        assert_eq!(public(all(&["127.0.0.1:0", "[fd00::1]:0"])), Err(Inside));
    }
}
