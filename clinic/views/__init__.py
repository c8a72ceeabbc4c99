from .home import choose_location, health_live, health_ready, home

__all__ = ["choose_location", "health_live", "health_ready", "home"]
