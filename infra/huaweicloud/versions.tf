terraform {
  required_version = ">= 1.11"

  required_providers {
    huaweicloud = {
      source  = "huaweicloud/huaweicloud"
      version = ">= 1.91.0, < 2"
    }
  }
}
