//! The GraphQL schema, thin: read the id, ask one service, wrap. No SQL, no permission, no rules are here.

mod answer_order;
mod batches;
mod connection;
mod context;
mod error;
mod ids;
mod limits;
mod loaders;
mod mutations;
mod open_operations;
mod queries;
mod scalars;
mod schema;
mod subscriptions;
mod types;

pub use batches::Batches;
pub use schema::LightboxSchema;

use crate::config::GraphqlConfig;
use crate::domain::access::Viewer;
use crate::services::Services;
use async_graphql::{Data, Schema, SchemaBuilder};
use limits::RequestLimits;
use mutations::Mutation;
use open_operations::OpenOperations;
use queries::Query;
use subscriptions::Subscription;

/// The schema with everything that its resolvers need but what belongs to one request.
pub fn schema(services: Services, config: &GraphqlConfig) -> LightboxSchema {
    let limits = RequestLimits::new((*services.limits).clone(), config.introspection, &sdl());
    let mut builder = builder().limit_recursive_depth(services.limits.graphql_nesting).data(services);
    if !config.introspection {
        builder = builder.disable_introspection();
    }
    LightboxSchema::new(builder.finish(), limits)
}

/// The schema as text, for `lightbox schema`.
pub fn sdl() -> String {
    builder().finish().sdl()
}

/// What belongs to one request: who asks, and the loaders that batch his reads, which [`Batches::run`] must drive.
pub fn request_data(services: &Services, viewer: Viewer) -> (Data, Batches) {
    let (sender, batches) = Batches::new();
    let mut data = Data::default();
    data.insert(loaders::loader(services.clone(), viewer.clone(), sender));
    data.insert(viewer);
    (data, batches)
}

/// The same for a connection of many operations, whose batches run by themselves.
pub fn connection_data(services: &Services, viewer: Viewer) -> Data {
    let mut data = Data::default();
    data.insert(OpenOperations::new(services.limits.graphql_socket_operations));
    data.insert(loaders::loader_by_itself(services.clone(), viewer.clone()));
    data.insert(viewer);
    data
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<types::Node>()
        .register_output_type::<types::Annotation>()
}
