// Puts the page together and follows the station.

import "/page/top.js";
import "/page/kiosk.js";
import "/page/hearing.js";
import "/page/pocket.js";
import "/page/outlet.js";
import "/page/cars.js";
import "/page/cabinet.js";
import "/page/around.js";
import "/page/wires.js";
import "/page/ocpp.js";
import "/page/machines.js";
import "/page/books.js";
import "/page/guide.js";
import { follow } from "/page/station.js";

follow();
