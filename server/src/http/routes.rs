//! Every address of the server, with what it takes to be answered there. Nothing is mounted that is not in this list:
//! tests walk it.

use actix_web::Resource;
use actix_web::web;

macro_rules! routes {
    ($($(#[$doc:meta])* $variant:ident = $pattern:literal, $access:ident);+ $(;)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Route {
            $($(#[$doc])* $variant,)+
        }

        impl Route {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub fn pattern(self) -> &'static str {
                match self {
                    $(Self::$variant => $pattern,)+
                }
            }

            pub fn access(self) -> RouteAccess {
                match self {
                    $(Self::$variant => RouteAccess::$access,)+
                }
            }
        }
    };
}

/// What it takes to be answered at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteAccess {
    /// Nothing: there is nothing of anybody's at it.
    Public,
    /// A token or a session; what the user may see is decided by the services.
    SignedIn,
    /// A token in the first message, or before it.
    FirstMessage,
    Administrator,
}

routes! {
    Graphql = "/graphql", SignedIn;
    GraphqlSocket = "/graphql/ws", FirstMessage;
    Live = "/health/live", Public;
    Ready = "/health/ready", Public;
    Metrics = "/metrics", Administrator;
    Graphiql = "/graphiql", Public;
    GraphiqlFolder = "/graphiql/", Public;
    GraphiqlAsset = "/graphiql/assets/{name}", Public;
    SignIn = "/sign-in", Public;
    SignInStyle = "/sign-in/style.css", Public;
    SignInOidc = "/sign-in/oidc", Public;
    SignInOidcCallback = "/sign-in/oidc/callback", Public;
    SignOut = "/sign-out", SignedIn;
    Uploads = "/uploads", SignedIn;
    Upload = "/uploads/{upload}", SignedIn;
    Export = "/exports/{job}", SignedIn;
    Findings = "/jobs/{job}/findings.csv", SignedIn;
    Original = "/images/{image}/original", SignedIn;
    Rendition = "/images/{image}/rendition", SignedIn;
    Thumbnail = "/images/{image}/thumbnail", SignedIn;
    Mask = "/annotations/{annotation}/mask.png", SignedIn;
    LabelDistribution = "/annotation-sets/{set}/label-distribution.csv", SignedIn;
}

impl Route {
    pub fn resource(self) -> Resource {
        web::resource(self.pattern())
    }
}
