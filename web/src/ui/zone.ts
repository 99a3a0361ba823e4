import { createContext, useContext } from "react";

/** The signed-in person's time zone; undefined means the browser's. */
export const ZoneContext = createContext<string | undefined>(undefined);

export const useZone = (): string | undefined => useContext(ZoneContext);
