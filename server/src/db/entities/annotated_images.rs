//! Table `annotated_images`: the annotations of one image in one set, as columns in one value.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "annotated_images")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub annotation_set_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub image_id: i64,
    pub annotations: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
