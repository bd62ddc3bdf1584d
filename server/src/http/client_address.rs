//! From where a request comes: its connection's other end, or whom a trusted proxy names. Nothing is allowed or refused here.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use ipnet::{IpNet, Ipv6Net};
use std::net::IpAddr;

/// `None` for a connection without an address. An IPv6 address stands for its /64, which one client has whole.
pub fn client_address(request: &HttpRequest, trusted_proxies: &[IpNet]) -> Option<IpAddr> {
    match full_address(request, trusted_proxies)? {
        IpAddr::V6(address) => Ipv6Net::new(address, 64).ok().map(|net| IpAddr::V6(net.network())),
        address => Some(address),
    }
}

/// The same to its last bit, to be told of.
pub fn full_address(request: &HttpRequest, trusted_proxies: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    Some(forwarded_for(peer, request.headers(), trusted_proxies))
}

/// The last address in `X-Forwarded-For` that is no trusted proxy's: each proxy adds at the end whom it asks for, and
/// what stands before that is what a client made up.
fn forwarded_for(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted_proxies.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let values: Vec<&str> = headers.get_all(X_FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
    let named = values.iter().rev().flat_map(|value| value.rsplit(','));
    let mut last = peer;
    for name in named {
        let Ok(address) = name.trim().parse::<IpAddr>() else { break };
        last = address.to_canonical();
        if !is_trusted(&last) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn a_proxy_is_believed_only_when_it_is_trusted() {
        let trusted: [IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "127.0.0.1/32".parse().unwrap()];
        let table = [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7,10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7", "10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["nonsense"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.7, nonsense, 10.1.2.3"], "10.1.2.3"),
            ("127.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["2001:db8::7"], "2001:db8::7"),
        ];
        for (peer, named, expected) in table {
            let mut headers = HeaderMap::new();
            for value in named {
                headers.append(X_FORWARDED_FOR, HeaderValue::from_static(value));
            }
            let found = forwarded_for(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found.to_string(), expected, "{peer} {named:?}");
        }
    }

    #[test]
    fn an_ipv6_client_is_told_from_others_by_its_network() {
        let request =
            |peer: &str| actix_web::test::TestRequest::default().peer_addr(peer.parse().unwrap()).to_http_request();
        let address = |peer: &str| client_address(&request(peer), &[]).unwrap().to_string();
        assert_eq!(address("[2001:db8:1:2:3:4:5:6]:1"), "2001:db8:1:2::");
        assert_eq!(address("[::ffff:192.0.2.1]:1"), "192.0.2.1");
        assert_eq!(address("192.0.2.1:1"), "192.0.2.1");
    }
}
